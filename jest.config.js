const shared = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.(ts|js)$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' } },
    ],
  },
  // Packages that come as ES modules only, and gaxios, which imports one of them when it is used.
  transformIgnorePatterns: [
    '/node_modules/(?!(.*/)?(jose|@seriousme|gaxios|node-fetch|data-uri-to-buffer|fetch-blob|formdata-polyfill)/)',
  ],
  setupFiles: ['<rootDir>/test/harness/console.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.stack'],
};

export default {
  // A machine that is busy with something else is no failure. Not an option of a project.
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/test/harness/tally-reporter.js'],
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/unit/**/*.test.ts'],
      setupFilesAfterEnv: [
        '<rootDir>/test/harness/request-channel.ts',
        '<rootDir>/test/harness/alerted-lines.ts',
      ],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
      setupFilesAfterEnv: [
        '<rootDir>/test/harness/documented-answers.ts',
        '<rootDir>/test/harness/alerted-lines.ts',
      ],
      globalSetup: '<rootDir>/test/integration/setup.ts',
      globalTeardown: '<rootDir>/test/integration/teardown.ts',
    },
    // On a stack like the integration suite's, in the machine's Chromium.
    {
      ...shared,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.test.ts'],
      globalSetup: '<rootDir>/test/browser/setup.ts',
      globalTeardown: '<rootDir>/test/integration/teardown.ts',
    },
    // Brings up stacks of its own, on the ports that the integration suite takes for its whole run.
    { ...shared, displayName: 'process', testMatch: ['<rootDir>/test/process/**/*.test.ts'] },
  ],
};
