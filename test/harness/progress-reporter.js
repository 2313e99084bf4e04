import { DefaultReporter } from '@jest/reporters';
import { clockTime } from '../../scripts/check/clock-time.ts';

/** Jest's own lines; before each file, how many of how many are through, and since when they run. */
export default class ProgressReporter extends DefaultReporter {
  #started = 0;
  #progress = '';

  /**
   * @override
   * @type {DefaultReporter['onRunStart']}
   */
  onRunStart(results, options) {
    this.#started = Date.now();
    super.onRunStart(results, options);
  }

  /**
   * @override
   * @type {DefaultReporter['onTestResult']}
   */
  onTestResult(test, result, results) {
    const { numTotalTestSuites: all, numPendingTestSuites, numPassedTestSuites } = results;
    const done = results.numFailedTestSuites + numPendingTestSuites + numPassedTestSuites;
    this.#progress = `${done}/${all} ${clockTime(Date.now() - this.#started)} `;
    super.onTestResult(test, result, results);
  }

  /**
   * @override
   * @type {DefaultReporter['log']}
   */
  log(message) {
    super.log(this.#progress + message);
    this.#progress = '';
  }
}
