import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { check, type Outcome } from '../../../scripts/check/check.ts';

const steps = [
  { script: 'types', title: 'Types' },
  { script: 'unit', title: 'Unit tests' },
  { script: 'browser', title: 'The page' },
];

const good: Readonly<Record<string, Outcome>> = {
  types: { isGood: true, counts: undefined },
  unit: { isGood: true, counts: { passed: 1840, failed: 0, skipped: 1 } },
  browser: { isGood: true, counts: { passed: 4, failed: 0, skipped: 2 } },
};

/** Each step takes 65 seconds. */
async function checked(outcomes: Readonly<Record<string, Outcome>>) {
  const lines: string[] = [];
  let ms = 0;
  const isGood = await check(steps, {
    run: async (script) => {
      ms += 65_000;
      return outcomes[script] ?? { isGood: false, counts: undefined };
    },
    print: (line) => lines.push(...line.split('\n').filter(Boolean)),
    now: () => ms,
  });
  return { isGood, lines };
}

test('each part has a heading; at the end stand the time and the tests of each, and of all', async () => {
  expect(await checked(good)).toEqual({
    isGood: true,
    lines: [
      '── 1 of 3: Types (npm run types), 0:00 so far ──',
      '── 2 of 3: Unit tests (npm run unit), 1:05 so far ──',
      '── 3 of 3: The page (npm run browser), 2:10 so far ──',
      'types          1:05   good',
      'unit           1:05   1840 passed, 0 failed, 1 skipped',
      'browser        1:05   4 passed, 0 failed, 2 skipped',
      'All is well after 3:15: 1844 passed, 0 failed, 3 skipped',
    ],
  });
});

test('the first part that fails is the last, and is named with what repeats it', async () => {
  const unit = { isGood: false, counts: { passed: 1839, failed: 1, skipped: 1 } };
  const { isGood, lines } = await checked({ ...good, unit });
  expect(isGood).toBe(false);
  expect(lines.slice(2)).toEqual([
    'types          1:05   good',
    'unit           1:05   1839 passed, 1 failed, 1 skipped',
    'Failed after 2:10: npm run unit repeats that part.',
  ]);
});

test('a run of tests shows its progress, and leaves the counts of one run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-'));
  const names = ['progress-reporter.js', 'tally-reporter.js'].map((name) =>
    resolve('test/harness', name),
  );
  const tests = ['test/unit/money.test.ts', 'test/unit/once.test.ts'];
  const reporters = [...names, 'summary'].map((name) => `--reporters=${name}`);
  const args = ['--selectProjects', 'unit', ...reporters, '--runTestsByPath', ...tests];
  const run = spawnSync(process.execPath, ['node_modules/.bin/jest', ...args], {
    encoding: 'utf8',
    env: { ...process.env, TALLY_FOLDER: folder },
  });
  expect(run.stderr).toMatch(/^1\/2 \d+:\d\d PASS .*\.test\.ts/m);
  expect(run.stderr).toMatch(/^2\/2 \d+:\d\d PASS .*\.test\.ts/m);
  expect(run.stderr).toContain('Test Suites: 2 passed, 2 total');
  const [left = '', ...more] = readdirSync(folder);
  expect(more).toEqual([]);
  expect(JSON.parse(readFileSync(join(folder, left), 'utf8'))).toMatchObject({ failed: 0 });
  rmSync(folder, { recursive: true });
});
