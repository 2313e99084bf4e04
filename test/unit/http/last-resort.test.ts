import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../harness/pubsub-emulator.ts';
import { endRuns, Run } from '../../harness/run.ts';

/*
 * The functions framework as it is deployed, with a function that fails as its path says. In a process
 * of its own, because most of these errors end it.
 */

const SECRET = 'canary-of-a-secret';
const lib = (path: string) => JSON.stringify(resolve('functions/lib', path));

const source = `
const { EventEmitter } = require('node:events');
const { setTimeout: pause } = require('node:timers/promises');
const { endOnStrayErrors } = require(${lib('http/last-resort.js')});
const { onRequest } = require(${lib('http/on-request.js')});
const { scheduled } = require(${lib('schedule/scheduled.js')});
const { webhookOptions } = require(${lib('config/options.js')});

const error = () => new TypeError('${SECRET}');
const ways = {
  awaited: async () => { await pause(1); throw error(); },
  promise: () => { Promise.reject(error()); },
  timer: () => { setTimeout(() => { throw error(); }, 1); },
  emitter: () => { setImmediate(() => new EventEmitter().emit('error', error())); },
};
endOnStrayErrors();

const answer = async (request, response) => {
  const way = request.url.slice(1);
  if (way === 'domain') return response.end(process.domain ? 'inside' : 'outside');
  if (way === 'slow') console.log('waiting');
  if (way === 'endless') {
    console.log('waiting');
    response.once('close', () => console.log('closed'));
    response.writeHead = () => console.log('answered all the same');
    await new Promise(() => {});
  }
  await ways[way]?.();
  await pause(way === 'slow' ? 5_000 : 1_000);
  response.end('stored');
};
exports.webhook = onRequest({ ...webhookOptions, secrets: [] }, Object.assign(answer, { published: {} }));
exports.schedule = async (request, response) => {
  const way = request.url.slice(1);
  await scheduled('test', async () => {
    if (way === 'domain') response.end(process.domain ? 'inside' : 'outside');
    await ways[way]?.();
    await pause(1_000);
  })();
  response.end();
};
exports.bare = (request, response) => { response.end(process.domain ? 'inside' : 'outside'); };
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stray-'));
  writeFileSync(join(folder, 'index.js'), source);
});

afterEach(endRuns);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Starts the framework. `ask` resolves to the status and the body, or to why there is none. */
async function start(target: 'webhook' | 'schedule' | 'bare') {
  const port = await freePort();
  const main = 'node_modules/@google-cloud/functions-framework/build/src/main.js';
  const run = new Run([main, `--source=${folder}`, `--target=${target}`, `--port=${port}`]);
  await run.prints('Serving function');
  const ask = async (path: string, signal: AbortSignal | null = null) => {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, { method: 'POST', signal });
    return { status: response.status, body: await response.text() };
  };
  return { run, ask };
}

const stray = ['promise', 'timer', 'emitter'];

test.each([
  ['bare', 'inside'],
  ['webhook', 'outside'],
  ['schedule', 'outside'],
] as const)('a %s runs %s the domain of the framework', async (target, expected) => {
  const { ask } = await start(target);
  expect(await ask('domain')).toMatchObject({ status: 200, body: expected });
});

test('an error after an await is an answer, and the process goes on', async () => {
  const { ask } = await start('webhook');
  expect((await ask('awaited')).status).toBe(500);
  expect((await ask('domain')).status).toBe(200);
});

test.each(stray)(
  'after a stray error (%s) all open requests are 503, one line is logged, the process ends',
  async (way) => {
    const { run, ask } = await start('webhook');
    const slow = ask('slow');
    await run.prints('waiting');
    const [failed, other] = await Promise.all([ask(way), slow]);
    for (const { status, body } of [failed, other]) {
      expect(status).toBe(503);
      expect(JSON.parse(body)).toMatchObject({ errorName: 'ServiceUnavailableException' });
    }
    expect(await run.exitCode()).toBe(1);
    const printed = run.stdout + run.stderr;
    expect(printed).toContain('"message":"unexpected error"');
    expect(printed).toContain('"error":"TypeError"');
    expect(printed).not.toContain(SECRET);
  },
);

test('a request whose client has broken off is not kept, even where its handler never ends', async () => {
  const { run, ask } = await start('webhook');
  const client = new AbortController();
  const broken = ask('endless', client.signal).catch((error: unknown) => error);
  await run.prints('waiting');
  client.abort();
  expect(await broken).toMatchObject({ name: 'AbortError' });
  await run.prints('closed');
  expect((await ask('timer')).status).toBe(503);
  expect(await run.exitCode()).toBe(1);
  expect(run.stdout).not.toContain('answered all the same');
});

test.each(stray)('a run of a schedule fails on a stray error (%s)', async (way) => {
  const { run, ask } = await start('schedule');
  expect((await ask(way)).status).toBe(500);
  expect(await run.exitCode()).toBe(1);
  expect(run.stdout + run.stderr).not.toContain(SECRET);
});
