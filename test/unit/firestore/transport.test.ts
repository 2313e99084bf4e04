import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { codes } from '../../../functions/src/firestore/client/index.ts';
import { Transport } from '../../../functions/src/firestore/client/transport.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

let server: Server;
let origin: string;
let renewals: number;
/** What the next calls are answered with; then an empty list. */
let answers: Answer[];
let seen: { url: string; token: string; body: string; socket: object }[];

beforeEach(async () => {
  answers = [];
  seen = [];
  renewals = 0;
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const { url = '', socket } = request;
      seen.push({ url, token: request.headers.authorization ?? '', body, socket });
      (answers.shift() ?? json(200, []))(response, request);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const json =
  (httpStatus: number, body: unknown): Answer =>
  (response) =>
    response.writeHead(httpStatus).end(JSON.stringify(body));

const refusal = (httpStatus: number, status: string, message = 'why'): Answer =>
  json(httpStatus, { error: { code: httpStatus, status, message } });

const transport = () =>
  new Transport({
    origin,
    database: 'projects/p/databases/(default)',
    token: () => Promise.resolve(`token${renewals}`),
    renew: () => (renewals += 1),
  });

const call = () => transport().call('commit', { writes: [] });

test('a call is a POST with the token, and its answer is read', async () => {
  answers = [json(200, { commitTime: 'now', text: 'ціна' })];
  expect(await call()).toEqual({ commitTime: 'now', text: 'ціна' });
  expect(seen).toMatchObject([
    {
      url: '/v1/projects/p/databases/(default)/documents:commit',
      token: 'Bearer token0',
      body: '{"writes":[]}',
    },
  ]);
});

test('calls one after the other go over one connection', async () => {
  const one = transport();
  for (let count = 0; count < 3; count += 1) await one.call('runQuery', {});
  expect(new Set(seen.map(({ socket }) => socket)).size).toBe(1);
});

test.each([
  [409, 'ALREADY_EXISTS', codes.alreadyExists],
  [404, 'NOT_FOUND', codes.notFound],
  [400, 'FAILED_PRECONDITION', codes.failedPrecondition],
  [400, 'INVALID_ARGUMENT', codes.invalidArgument],
  [403, 'PERMISSION_DENIED', codes.permissionDenied],
  [500, 'DATA_LOSS', codes.dataLoss],
  [500, 'INTERNAL', codes.internal],
])('%d %s is an error with its code, and is not tried again', async (http, status, code) => {
  answers = [refusal(http, status)];
  await expect(call()).rejects.toMatchObject({ name: 'FirestoreError', code, message: 'why' });
  answers = [json(http, [{ error: { code: http, status, message: 'in a list' } }])];
  await expect(call()).rejects.toMatchObject({ code, message: 'in a list' });
  expect(seen).toHaveLength(2);
});

test.each([
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [503, 'UNAVAILABLE'],
])('%d %s is tried again, three times in all', async (http, status) => {
  answers = [refusal(http, status), refusal(http, status)];
  expect(await call()).toEqual([]);
  expect(seen).toHaveLength(3);
  answers = Array<Answer>(5).fill(refusal(http, status));
  await expect(call()).rejects.toMatchObject({ name: 'FirestoreError' });
  expect(seen).toHaveLength(6);
});

test.each([
  [502, codes.unavailable, 3],
  [429, codes.unavailable, 3],
  [404, codes.unknown, 1],
])('a page of a proxy with %d has the code %d', async (http, code, times) => {
  const page: Answer = (response) => response.writeHead(http).end('<html>no</html>');
  answers = [page, page, page];
  await expect(call()).rejects.toMatchObject({ code });
  expect(seen).toHaveLength(times);
});

test('a token that is refused is renewed once', async () => {
  answers = [refusal(401, 'UNAUTHENTICATED')];
  expect(await call()).toEqual([]);
  expect(seen.map(({ token }) => token)).toEqual(['Bearer token0', 'Bearer token1']);
  answers = Array<Answer>(2).fill(refusal(401, 'UNAUTHENTICATED'));
  await expect(call()).rejects.toMatchObject({ code: codes.unauthenticated });
  expect(seen).toHaveLength(4);
});

test('a connection that was closed while it was idle is replaced at once', async () => {
  const one = transport();
  await one.call('commit', {});
  const close: Answer = (_, request) => request.socket.destroy();
  answers = [close];
  expect(await one.call('commit', {})).toEqual([]);
  expect(seen).toHaveLength(3);
});

test('an answer that breaks off is no answer', async () => {
  const half: Answer = (response, request) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('[{"document":', () => request.socket.destroy());
  };
  answers = [half, half, half];
  await expect(call()).rejects.toMatchObject({ code: codes.unavailable });
});

test.each(['no answer', 'half of one'])(
  '%s within 30 s: given up, and not asked again',
  async (sent) => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    try {
      const asked = new Promise<void>((resolve) => {
        answers = [
          (response) => {
            if (sent !== 'no answer') response.write('[');
            resolve();
          },
        ];
      });
      const outcome = expect(call()).rejects.toMatchObject({ code: codes.deadlineExceeded });
      await asked;
      // The part that was sent arrives.
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      jest.advanceTimersByTime(30_000);
      await outcome;
      expect(seen).toHaveLength(1);
    } finally {
      jest.useRealTimers();
    }
  },
);

test('an answer that is no JSON is an error', async () => {
  answers = [(response) => response.end('not json')];
  await expect(call()).rejects.toMatchObject({ code: codes.internal });
});

test('a server that is not there is Unavailable, after three tries', async () => {
  server.close();
  server.closeAllConnections();
  await expect(call()).rejects.toMatchObject({
    code: codes.unavailable,
    message: 'Firestore cannot be reached.',
  });
});
