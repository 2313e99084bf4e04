import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Leaves the counts of a run for `.ci/run`, which adds them up over all runs. */
export default class TallyReporter {
  /**
   * @param {unknown} _contexts
   * @param {import('@jest/reporters').AggregatedResult} results
   */
  onRunComplete(_contexts, results) {
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
