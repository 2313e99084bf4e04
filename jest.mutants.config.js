import shared from './jest.config.js';

const unit = shared.projects.find(({ displayName }) => displayName === 'unit');

/** Tests of the texts of the repository would fail on every changed file. */
const other = ['harness', 'repository', 'scripts', 'stack', 'standins'];

/** The tests that `npm run mutants` runs: see `stryker.config.js`. */
export default {
  ...unit,
  testTimeout: shared.testTimeout,
  testPathIgnorePatterns: other.map((folder) => `<rootDir>/test/unit/${folder}/`),
};
