import { gzipSync } from 'node:zlib';
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
  expect(answer.headers.get('x-one')).toBe('1');
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
  const fetchFunction: typeof fetch = async (_url, init) => {
    const start = (controller: ReadableStreamDefaultController) => {
      controller.enqueue(Buffer.from('h'));
      init?.signal?.addEventListener('abort', () => {
        controller.error(init.signal?.reason);
      });
    };
    return new Response(new ReadableStream({ start }));
  };
  const call = exchange('Acme', vendor.origin, { timeoutMs: 100 }, fetchFunction);
  await expect(call).rejects.toMatchObject(unavailable);
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
    const packed = gzipSync(Buffer.alloc(2_000_000));
    const fetchFunction: typeof fetch = async () =>
      new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip')));
    const call = exchange('Acme', vendor.origin, { timeoutMs }, fetchFunction);
    await expect(call).rejects.toThrow(AnswerTooLarge);
  });
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
