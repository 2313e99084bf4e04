import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { gateways } from '../../scripts/stack/gateways/index.ts';
import { assertPortFree } from '../../scripts/stack/ports.ts';
import { ports } from '../../scripts/stack/values.ts';
import { endRuns, Run } from '../harness/run.ts';

const WITHIN_MS = 420_000;

/** Every payment of the story is then refused: its scenes fail, and fast. */
const FAILING = { TOPUP_MIN_CENTS: '90000' };

/** The processes that come of one, itself included. */
function familyOf(pid: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=']).toString().trim().split('\n');
  const pairs = table.map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([pid]);
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const [child = 0, parent = 0] of pairs) if (family.has(parent)) family.add(child);
  }
  return [...family];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Of all that a run has started no process is left, and every port is free. */
async function expectNothingLeft(family: readonly number[]): Promise<void> {
  expect(family.filter(isAlive)).toEqual([]);
  for (const port of [...Object.values(ports), ...gateways.map((gateway) => gateway.port)]) {
    await assertPortFree(port);
  }
}

afterEach(endRuns);

test('a taken port is one line that names it', async () => {
  const stranger = createServer().listen(ports.retail, '127.0.0.1');
  await once(stranger, 'listening');
  const run = new Run(['scripts/start.ts']);
  expect(await run.exitCode()).toBe(1);
  stranger.close();
  await once(stranger, 'close');
  expect([run.stdout, run.stderr]).toEqual(['', `port ${ports.retail} is taken\n`]);
});

test(
  '--once ends after the story, with 0 when it came out as told',
  async () => {
    const run = new Run(['scripts/start.ts', '--once']);
    // The functions run from the first scene on.
    await run.prints('A card payment of 15.00');
    const family = familyOf(run.pid);
    expect(family.length).toBeGreaterThan(2);
    const code = await run.exitCode();
    if (code !== 0) throw new Error(run.stdout + run.stderr);
    expect(run.stderr).toBe('');
    await expectNothingLeft(family);
  },
  WITHIN_MS,
);

test(
  '--once ends with 1 when a scene failed; the environment reaches the functions',
  async () => {
    const run = new Run(['scripts/start.ts', '--once'], FAILING);
    expect(await run.exitCode()).toBe(1);
    expect(run.stdout).toContain('getPaymentIntent answered 400');
    await expectNothingLeft([run.pid]);
  },
  WITHIN_MS,
);

test(
  'Ctrl-C in the middle of the story leaves nothing behind',
  async () => {
    const run = new Run(['scripts/start.ts']);
    // The functions run from the first scene on.
    await run.prints('A card payment of 15.00');
    const family = familyOf(run.pid);
    expect(family.length).toBeGreaterThan(2);
    const interruptedAt = performance.now();
    run.interrupt();
    await run.exitCode();
    // The story is not waited for: it asks for what is gone, for a minute.
    expect(performance.now() - interruptedAt).toBeLessThan(40_000);
    await expectNothingLeft(family);
  },
  WITHIN_MS,
);

test(
  'a stack that stays is ended by Ctrl-C, with 0',
  async () => {
    const run = new Run(['scripts/stack.ts']);
    await run.prints('The stack is up; Ctrl-C ends it.');
    const family = familyOf(run.pid);
    run.interrupt();
    expect([await run.exitCode(), run.stderr]).toEqual([0, '']);
    await expectNothingLeft(family);
  },
  WITHIN_MS,
);
