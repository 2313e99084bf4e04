import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, type Counts, type Outcome, type Step } from './check/check.ts';

/** All that `npm test` looks at. */
const steps: readonly Step[] = [
  { script: 'types', title: 'Types' },
  { script: 'lint', title: 'Style, unused code, advisories' },
  { script: 'unit', title: 'Unit tests' },
  { script: 'integration', title: 'Integration tests, on the stack' },
  { script: 'process', title: 'Starting and stopping' },
  { script: 'browser', title: 'The web client, in Chromium' },
];

const suites = new Set(['unit', 'integration', 'process', 'browser']);

const reporters = ['./test/harness/progress-reporter.js', 'summary'];
const withProgress = [...reporters, './test/harness/tally-reporter.js'].map(
  (name) => `--reporters=${name}`,
);

/** Where each run of tests leaves a file with its counts; `.ci/run` adds them up as well. */
const tallies = process.env['TALLY_FOLDER'] ?? ownFolder();

function ownFolder(): string {
  mkdirSync('.stack', { recursive: true });
  return mkdtempSync(join('.stack', 'tally-'));
}

async function run(script: string): Promise<Outcome> {
  const before = new Set(files());
  const isSuite = suites.has(script);
  const args = ['run', '--silent', script, ...(isSuite ? ['--', ...withProgress] : [])];
  const env = { ...process.env, TALLY_FOLDER: tallies };
  const child = spawn('npm', args, { stdio: 'inherit', env });
  await once(child, 'exit');
  const left = files().filter((name) => !before.has(name));
  const [counts] = left.map(
    (name) => JSON.parse(readFileSync(join(tallies, name), 'utf8')) as Counts,
  );
  return { isGood: child.exitCode === 0, counts };
}

function files(): string[] {
  mkdirSync(tallies, { recursive: true });
  return readdirSync(tallies);
}

// Ctrl-C reaches the part that runs as well; it is waited for, as it ends what it has started.
process.on('SIGINT', () => undefined);
const isGood = await check(steps, {
  run,
  print: (line) => {
    console.log(line);
  },
  now: () => performance.now(),
});
process.exitCode = isGood ? 0 : 1;
