import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Names every test that was skipped, so that none is skipped unseen, and leaves the counts of a run
 * for `.ci/run`, which adds them up over all runs.
 */
export default class TallyReporter {
  #isSelection;

  /** @param {import('@jest/types').Config.GlobalConfig} config */
  constructor(config) {
    // With `-t` whoever runs it has chosen what to leave out.
    this.#isSelection = config.testNamePattern !== undefined;
  }

  /**
   * @param {unknown} _contexts
   * @param {import('@jest/reporters').AggregatedResult} results
   */
  onRunComplete(_contexts, results) {
    if (!this.#isSelection) process.stdout.write(skippedIn(results));
    const folder = process.env['TALLY_FOLDER'];
    if (!folder) return;
    const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = results;
    // A suite that could not even start has no failed test to show for it.
    const failed = Math.max(numFailedTests, numFailedTestSuites);
    mkdirSync(folder, { recursive: true });
    const counts = { passed: numPassedTests, failed, skipped: numPendingTests };
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(counts));
  }
}

/**
 * One line a test.
 * @param {import('@jest/reporters').AggregatedResult} results
 */
function skippedIn({ testResults }) {
  return testResults
    .flatMap((file) => file.testResults)
    .filter(({ status }) => status === 'pending')
    .map(({ fullName }) => `skipped: ${fullName}\n`)
    .join('');
}
