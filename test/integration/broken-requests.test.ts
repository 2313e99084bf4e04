import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import * as deployed from '../../functions/src/index.ts';
import type { Published } from '../../functions/src/http/call.ts';
import { setEnvironment } from '../harness/environment.ts';
import { logFromNow } from '../harness/log.ts';
import { startWorld, type World } from '../harness/world.ts';

const groups = deployed as unknown as Record<string, Record<string, { published?: Published }>>;
const names = Object.entries(groups).flatMap(([group, entries]) =>
  Object.entries(entries).flatMap(([name, { published }]) =>
    published === undefined ? [] : [`${group}-${name}`],
  ),
);

const nodeEnv = process.env['NODE_ENV'];
let world: World;

beforeAll(async () => {
  world = await startWorld();
  // As deployed: Express prints no stack in a test.
  setEnvironment({ NODE_ENV: 'production' });
});

afterAll(async () => {
  setEnvironment({ NODE_ENV: nodeEnv });
  await world.stop();
});

/** Sends bytes to a function. Resolves to the answer, or to nothing once the caller has broken off. */
async function send(name: string, text: string, breaksOff = false): Promise<string> {
  const { port } = new URL(await world.functions.url(name));
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  socket.on('data', (data: Buffer) => (answer += data.toString()));
  socket.on('error', () => undefined);
  socket.write(text);
  if (breaksOff) {
    await setTimeout(50);
    socket.destroy();
  }
  await once(socket, 'close');
  await setTimeout(breaksOff ? 50 : 0);
  return answer;
}

/**
 * The one line that was logged about a request; it is JSON, as all of ours are. After ten refusals
 * another one names the setting.
 */
function onlyLine(logged: readonly string[]): Record<string, unknown> {
  const lines = logged.filter((line) => !line.includes('no event is proven'));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

const head = (path: string, ...headers: string[]) =>
  [`POST ${path} HTTP/1.1`, 'host: local', 'connection: close', ...headers, '', ''].join('\r\n');

test('there are webhooks and calls', () => {
  expect(names).toEqual(expect.arrayContaining(['stripe-handleWebhookEvents', 'app-getBalance']));
});

describe.each(names)('%s', (name) => {
  test.each(['/%', '/%?a=%', '/a/%E0%A4%A', '/%ff', '/x%/y', '//%', 'http://local/%zz'])(
    'an address that cannot be decoded is answered as any other: %s',
    async (path) => {
      const logged = logFromNow();
      const asUsual = await send(name, head('/', 'content-length: 2') + '{}');
      const usual = onlyLine(logged());
      const loggedAgain = logFromNow();
      const answer = await send(name, head(path, 'content-length: 2') + '{}');
      expect(answer.split('\r\n')[0]).toBe(asUsual.split('\r\n')[0]);
      expect(onlyLine(loggedAgain())).toEqual(usual);
    },
  );

  test.each([
    ['fewer bytes than announced', head('/', 'content-length: 9') + '{}'],
    ['no byte of those announced', head('/', 'content-length: 9')],
    ['chunks without an end', head('/', 'transfer-encoding: chunked') + '2\r\n{}\r\n'],
    ['a chunk without an end', head('/', 'transfer-encoding: chunked') + '9\r\n{}'],
    ['too much, and not all of it', head('/', 'content-length: 2000000') + 'x'.repeat(99_999)],
    ['compressed', head('/', 'content-length: 9', 'content-encoding: gzip') + 'xx'],
  ])('a body that breaks off is one line: %s', async (_, text) => {
    const logged = logFromNow();
    expect(await send(name, text, true)).toBe('');
    expect(onlyLine(logged())).toEqual({
      severity: 'WARNING',
      message: 'a request broke off before its end',
    });
  });

  test('a caller who leaves with the last byte causes our own lines only', async () => {
    const logged = logFromNow();
    const { port } = new URL(await world.functions.url(name));
    for (let count = 0; count < 5; count += 1) {
      const socket = connect(Number(port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write(head('/', 'content-length: 2') + '{}');
      await setTimeout(count);
      socket.resetAndDestroy();
    }
    await setTimeout(50);
    // At most one for each caller, and none is a stack.
    expect(logged().length).toBeLessThanOrEqual(5);
    for (const line of logged()) expect(JSON.parse(line)).toHaveProperty('severity');
  });

  test('a body that is no HTTP is one line', async () => {
    const logged = logFromNow();
    await send(name, head('/', 'transfer-encoding: chunked') + '2\r\n{}\r\nzz\r\n');
    expect(onlyLine(logged())).toMatchObject({ message: 'a request broke off before its end' });
  });
});
