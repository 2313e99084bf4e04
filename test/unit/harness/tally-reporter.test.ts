import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import TallyReporter from '../../harness/tally-reporter.js';
import { setEnvironment } from '../../harness/environment.ts';

type Results = Parameters<TallyReporter['onRunComplete']>[1];

const results = {
  numPassedTests: 2,
  numFailedTests: 0,
  numFailedTestSuites: 1,
  numPendingTests: 2,
  testResults: [
    {
      testResults: [
        { status: 'passed', fullName: 'firestore.rules a user reads' },
        { status: 'pending', fullName: 'firestore.rules nobody writes' },
      ],
    },
    { testResults: [{ status: 'pending', fullName: 'a stale signature' }] },
  ],
} as unknown as Results;

let folder: string;
const before = process.env['TALLY_FOLDER'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tally-'));
  setEnvironment({ TALLY_FOLDER: folder });
});

afterEach(() => {
  setEnvironment({ TALLY_FOLDER: before });
  rmSync(folder, { recursive: true });
});

/** What a run prints. */
function printed(testNamePattern?: string): string {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const config = { testNamePattern } as ConstructorParameters<typeof TallyReporter>[0];
  new TallyReporter(config).onRunComplete([], results);
  const text = write.mock.calls.map(([chunk]) => String(chunk)).join('');
  write.mockRestore();
  return text;
}

test('every skipped test is named, one line each', () => {
  expect(printed()).toBe('skipped: firestore.rules nobody writes\nskipped: a stale signature\n');
});

test('but those that whoever runs it has left out', () => {
  expect(printed('a user reads')).toBe('');
});

test('the counts are left for the sum, a suite that did not start among the failed', () => {
  printed();
  const [file = ''] = readdirSync(folder);
  expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toEqual({
    passed: 2,
    failed: 1,
    skipped: 2,
  });
});
