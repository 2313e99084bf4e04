import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { Unavailable, Unusable } from '../../functions/src/errors.ts';
import { AnswerTooLarge, exchange, parseAnswer } from '../../functions/src/outbound.ts';
import { listen, type Call, type Listener, type Reply } from '../standins/http.ts';

const timeoutMs = 5_000;
const unavailable = { name: 'Unavailable', message: 'Acme did not answer.' };
let vendor: Listener;
let reply: Reply;
let calls: Call[];

beforeAll(async () => {
  vendor = await listen((call) => {
    calls.push(call);
    return reply;
  });
});

afterAll(() => vendor.stop());

beforeEach(() => {
  reply = { status: 200, body: 'hello' };
  calls = [];
});

test('the request goes out as given, and the answer comes back whole', async () => {
  reply = { status: 201, headers: { 'x-one': '1' }, body: 'grüße' };
  const headers = { 'x-key': 'key' };
  const answer = await exchange('Acme', `${vendor.origin}/pay?id=1`, {
    method: 'POST',
    headers,
    body: '{}',
    timeoutMs,
  });
  expect(calls).toMatchObject([{ method: 'POST', path: '/pay', headers, body: '{}' }]);
  expect(answer).toMatchObject({ status: 201, ok: true, text: 'grüße' });
  expect(answer.headers['x-one']).toBe('1');
  expect(answer.bytes).toEqual(Buffer.from('grüße'));
});

test.each([400, 404, 500])('a %d is an answer for the caller to tell apart', async (status) => {
  reply = { status, body: 'no' };
  const answer = await exchange('Acme', vendor.origin, { timeoutMs });
  expect(answer).toMatchObject({ status, ok: false, text: 'no' });
});

test.each([301, 302, 303, 307, 308])('a %d is not followed', async (status) => {
  reply = { status, headers: { location: `${vendor.origin}/elsewhere` } };
  const answer = await exchange('Acme', vendor.origin, { timeoutMs });
  expect(answer).toMatchObject({ status, ok: false });
  expect(calls).toHaveLength(1);
});

test.each<[string, Partial<Reply>]>([
  ['a connection that breaks before the answer', { sends: 'nothing' }],
  ['a connection that breaks in the middle of the answer', { sends: 'half' }],
  ['no answer in time', { sends: 'never' }],
])('Unavailable: %s', async (_what, given) => {
  reply = { ...reply, ...given };
  const call = exchange('Acme', vendor.origin, { timeoutMs: 300 });
  await expect(call).rejects.toMatchObject(unavailable);
});

test('Unavailable: the caller waits no longer', async () => {
  reply = { ...reply, sends: 'never' };
  const signal = AbortSignal.timeout(50);
  const call = exchange('Acme', vendor.origin, { timeoutMs, signal });
  await expect(call).rejects.toMatchObject(unavailable);
});

test('Unavailable: an answer without an end', async () => {
  const endless = await serving((_request, response) => response.write('h'));
  const call = exchange('Acme', endless.origin, { timeoutMs: 300 });
  await expect(call).rejects.toMatchObject(unavailable);
  endless.stop();
});

describe('the size limit', () => {
  test('lets an answer of exactly so many bytes pass', async () => {
    const answer = await exchange('Acme', vendor.origin, { timeoutMs, maxBytes: 5 });
    expect(answer.text).toBe('hello');
  });

  test.each([200, 503])('refuses one byte more, and says the status: %d', async (status) => {
    reply = { status, body: 'hello' };
    const call = exchange('Acme', vendor.origin, { timeoutMs, maxBytes: 4 });
    const error = await call.catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(AnswerTooLarge);
    expect(error).toBeInstanceOf(Unavailable);
    expect(error).toMatchObject({ answerStatus: status });
  });

  test('counts what is unpacked', async () => {
    const packing = await serving((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(2_000_000)));
    });
    const call = exchange('Acme', packing.origin, { timeoutMs });
    await expect(call).rejects.toThrow(AnswerTooLarge);
    packing.stop();
  });
});

describe('a packed answer', () => {
  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('is unpacked: %s', async (encoding, pack) => {
    const packing = await serving(({ headers }, response) => {
      expect(headers['accept-encoding']).toBe('identity');
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(pack('grüße'));
    });
    expect(await exchange('Acme', packing.origin, { timeoutMs })).toMatchObject({ text: 'grüße' });
    packing.stop();
  });

  test('that is broken is Unavailable', async () => {
    const packing = await serving((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('hello').subarray(0, 15));
    });
    const call = exchange('Acme', packing.origin, { timeoutMs });
    await expect(call).rejects.toMatchObject(unavailable);
    packing.stop();
  });
});

describe('a connection', () => {
  test('is kept for the next request', async () => {
    const ports: (number | undefined)[] = [];
    const keeping = await serving(({ socket }, response) => {
      ports.push(socket.remotePort);
      response.end('hello');
    });
    for (const body of ['one', 'two']) {
      await exchange('Acme', keeping.origin, { method: 'POST', body, timeoutMs });
    }
    expect(new Set(ports).size).toBe(1);
    expect(ports).toHaveLength(2);
    keeping.stop();
  });

  test('that the server has closed meanwhile is replaced', async () => {
    const closing = await serving((_request, response) => response.end('hello'));
    await exchange('Acme', closing.origin, { timeoutMs });
    closing.server.closeAllConnections();
    await delay(50);
    const answer = await exchange('Acme', closing.origin, { timeoutMs });
    expect(answer.text).toBe('hello');
    closing.stop();
  });

  test('that breaks under a request is not tried again', async () => {
    let asked = 0;
    const breaking = await serving(({ socket }, response) => {
      asked += 1;
      if (asked === 1) response.end('hello');
      else socket.destroy();
    });
    await exchange('Acme', breaking.origin, { timeoutMs });
    const call = exchange('Acme', breaking.origin, { method: 'POST', body: '{}', timeoutMs });
    await expect(call).rejects.toMatchObject(unavailable);
    expect(asked).toBe(2);
    breaking.stop();
  });
});

test('Unavailable: an address that is none, and a header that cannot be sent', async () => {
  await expect(exchange('Acme', 'nowhere', { timeoutMs })).rejects.toMatchObject(unavailable);
  const call = exchange('Acme', vendor.origin, { headers: { 'x-key': 'a\nb' }, timeoutMs });
  await expect(call).rejects.toMatchObject(unavailable);
});

describe('an object of an API', () => {
  const schema = z.object({ id: z.string(), amount: z.object({ value: z.string() }) });

  test('is read through its schema', () => {
    const object = { id: '1', amount: { value: '2', more: true } };
    expect(parseAnswer('Acme', schema, object)).toEqual({ id: '1', amount: { value: '2' } });
  });

  test('that breaks its promise is Unusable, by the names of the fields and never their values', () => {
    const parse = () => parseAnswer('Acme', schema, { id: 1, amount: { value: 0.5 } });
    expect(parse).toThrow(
      new Unusable('Acme returned an object without a usable id, amount.value.'),
    );
  });
});

/** A server that answers in ways that no stand-in does. */
async function serving(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${port}`, server, stop };
}
