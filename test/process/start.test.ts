import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gateways } from '../../scripts/stack/gateways/index.ts';
import { assertPortFree } from '../../scripts/stack/ports.ts';
import { functionUrl, ports } from '../../scripts/stack/values.ts';
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

/** Copies what is ours of this repository into a new folder of that name. */
function cloneInto(name: string): string {
  const clone = join(mkdtempSync(join(tmpdir(), 'clone-')), name);
  mkdirSync(join(clone, 'functions'), { recursive: true });
  const ours = ['scripts', 'test', 'package.json', 'firebase.json', 'firestore.indexes.json'];
  const compiled = ['src', 'lib', 'package.json', '.env.example'].map((one) => `functions/${one}`);
  for (const one of [...ours, ...compiled]) cpSync(one, join(clone, one), { recursive: true });
  for (const one of ['node_modules', 'functions/node_modules']) {
    symlinkSync(resolve(one), join(clone, one));
  }
  return clone;
}

/** Of all that a run has started no process is left, and every port is free. */
async function expectNothingLeft(family: readonly number[]): Promise<void> {
  expect(family.filter(isAlive)).toEqual([]);
  for (const port of [...Object.values(ports), ...gateways.map((gateway) => gateway.port)]) {
    await assertPortFree(port);
  }
}

afterEach(endRuns);

/** By this process, which the test runs in, and what to do. */
const TAKEN = new RegExp(
  `^port ${ports.retail} is taken by process ${process.pid} \\(.*jest.*\\): end it, .*\\n$`,
);

test('a taken port is one line that names it and who has it', async () => {
  const stranger = createServer().listen(ports.retail, '127.0.0.1');
  await once(stranger, 'listening');
  const run = new Run(['scripts/start.ts']);
  expect(await run.exitCode()).toBe(1);
  stranger.close();
  await once(stranger, 'close');
  expect([run.stdout, run.stderr]).toEqual(['', expect.stringMatching(TAKEN)]);
});

const interruptions = { 'a stand-in': 'Retail API (stand-in)', 'the functions': 'coming up' };

test.each(Object.entries(interruptions))(
  'Ctrl-C while %s comes up ends it within three seconds, and nothing is left',
  async (_what, printed) => {
    const run = new Run(['scripts/stack.ts']);
    await run.prints(printed);
    const second = new Run(['scripts/start.ts']);
    expect([await second.exitCode(), second.stdout]).toEqual([1, '']);
    expect(second.stderr).toMatch(
      new RegExp(`by a stack that is up already, or coming up \\(process ${run.pid}\\): use that`),
    );
    const family = familyOf(run.pid);
    const interruptedAt = performance.now();
    run.interrupt();
    expect(await run.exitCode()).toBe(1);
    expect(performance.now() - interruptedAt).toBeLessThan(3_000);
    expect(run.stdout).not.toContain('is up');
    expect(run.stderr).toBe('Interrupted before it was up.\n');
    await expectNothingLeft(family);
  },
  WITHIN_MS,
);

test(
  '--once ends after the story, with 0 when it came out as told, in a named database; no proxy is asked',
  async () => {
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      asked.push('connection');
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const names = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];
    const proxies = Object.fromEntries(names.map((name) => [name, address]));
    const environment = { ...proxies, FIRESTORE_DATABASE: 'payments' };
    const run = new Run(['scripts/start.ts', '--once'], environment);
    // The functions run from the first scene on.
    await run.prints('A card payment of 15.00');
    const family = familyOf(run.pid);
    expect(family.length).toBeGreaterThan(2);
    const code = await run.exitCode();
    if (code !== 0) throw new Error(run.stdout + run.stderr);
    expect(run.stderr).toBe('');
    proxy.close();
    expect(asked).toEqual([]);
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
  'a stack that stays, in a path with a space, is ended by Ctrl-C, with 0',
  async () => {
    const clone = cloneInto('a path with a space');
    const run = new Run(['scripts/stack.ts'], {}, { cwd: clone });
    await run.prints('The stack is up; Ctrl-C ends it.');
    const family = familyOf(run.pid);
    const keys = await fetch(functionUrl('app-getPublicKeys'));
    run.interrupt();
    expect([await run.exitCode(), run.stderr, keys.status]).toEqual([0, '', 200]);
    await expectNothingLeft(family);
    rmSync(dirname(clone), { recursive: true });
  },
  WITHIN_MS,
);
