/** `npm run mutants`: changes the code that moves money, and looks whether a unit test notices. */
export default {
  mutate: [
    'functions/src/{ledger,orders,reconcile,retail,schedule,sync}/**/*.ts',
    'functions/src/{pipeline,money,movement,ids}.ts',
    'functions/src/gateways/*.ts',
    'functions/src/gateways/*/{advance,amounts,api,captures,events,intents,invoices}.ts',
    'functions/src/gateways/*/{history,inquiry,movements,objects,ours,reviews,settlement,signature}.ts',
  ],
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'jest.mutants.config.js' },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // The copy of the tree and the reports stand next to the files that the stack leaves.
  tempDirName: '.stack/mutants',
  ignorePatterns: ['.stack', 'functions/lib', '*.log'],
  reporters: ['clear-text', 'html', 'json'],
  htmlReporter: { fileName: '.stack/mutants.html' },
  jsonReporter: { fileName: '.stack/mutants.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
