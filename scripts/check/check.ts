import { clockTime } from './clock-time.ts';

/** One of the parts of `npm test`. */
export interface Step {
  /** Its script in `package.json`, which also runs it alone. */
  readonly script: string;
  readonly title: string;
}

/** The tests of a step, as `test/harness/tally-reporter.js` counts them. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The end of a step; the counts are of one that has tests. */
export interface Outcome {
  readonly isGood: boolean;
  readonly counts: Counts | undefined;
}

export interface CheckOptions {
  readonly run: (script: string) => Promise<Outcome>;
  readonly print: (line: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Runs steps one after another up to the first that fails; resolves to whether all were good. */
export async function check(
  steps: readonly Step[],
  { run, print, now }: CheckOptions,
): Promise<boolean> {
  const began = now();
  const soFar = () => clockTime(now() - began);
  const done: string[] = [];
  const all: Counts[] = [];
  for (const [index, { script, title }] of steps.entries()) {
    print(
      `\n── ${index + 1} of ${steps.length}: ${title} (npm run ${script}), ${soFar()} so far ──`,
    );
    const started = now();
    const { isGood, counts } = await run(script);
    if (counts) all.push(counts);
    const told = counts ? inWords(counts) : isGood ? 'good' : 'failed';
    done.push(`${script.padEnd(12)} ${clockTime(now() - started).padStart(6)}   ${told}`);
    if (isGood) continue;
    print(
      ['', ...done, `\nFailed after ${soFar()}: npm run ${script} repeats that part.`].join('\n'),
    );
    return false;
  }
  print(['', ...done, `\nAll is well after ${soFar()}: ${inWords(sum(all))}`].join('\n'));
  return true;
}

function inWords({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function sum(all: readonly Counts[]): Counts {
  const of = (key: keyof Counts) => all.reduce((total, counts) => total + counts[key], 0);
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
}
