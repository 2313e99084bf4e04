import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Conflict,
  EmailNotVerified,
  Forbidden,
  Malformed,
  MethodNotAllowed,
  Misconfigured,
  NotFound,
  TooManyRequests,
  Unauthentic,
  Unavailable,
} from '../../../functions/src/errors.ts';
import {
  respondCacheable,
  respondError,
  respondJson,
} from '../../../functions/src/http/respond.ts';

const SECRET = 'canary-of-a-secret';

/** What a client receives from a server that answers like this. */
async function received(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  headers: Record<string, string> = {},
) {
  const server = createServer((request, response) => {
    answer(response, request);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const response = await fetch(url, { headers });
  const text = await response.text();
  server.close();
  return { status: response.status, headers: response.headers, text };
}

const failed = (error: unknown) =>
  received((response) => {
    respondError(response, error);
  });

test('an answer is JSON that nobody keeps', async () => {
  const { status, headers, text } = await received((response) => {
    respondJson(response, 201, { word: 'grün' });
  });
  expect([status, JSON.parse(text)]).toEqual([201, { word: 'grün' }]);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-store');
});

test("whether something is not there or is somebody else's is not told", async () => {
  const { text } = await failed(new NotFound('It is of another user.'));
  expect(text).toContain('There is no such thing.');
});

test.each([
  [new Malformed('The body must be JSON.'), 400, 'InvalidRequestParamsException'],
  [new Unauthentic('Sign in first.'), 401, 'UnauthorizedException'],
  [new Forbidden('This account cannot hold a balance.'), 403, 'ForbiddenException'],
  [new EmailNotVerified('Verify your e-mail first.'), 403, 'EmailNotVerifiedException'],
  [new NotFound('There is no such thing.'), 404, 'NotFoundException'],
  [new MethodNotAllowed('POST'), 405, 'MethodNotAllowedException'],
  [new Conflict('Used for another amount.'), 409, 'ConflictException'],
  [new TooManyRequests('Too many.', new Date()), 429, 'TooManyRequestsException'],
])("what is the caller's to change is told: %s", async (error, status, errorName) => {
  const answer = await failed(Object.assign(error, { cause: new Error(SECRET) }));
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toEqual({ errorName, errorMessage: error.message });
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test.each([
  [new Unavailable(SECRET), 503, 'ServiceUnavailableException', 'Try again later.'],
  [new Misconfigured(SECRET), 500, 'InternalServerErrorException', 'Something went wrong.'],
  [new Error(SECRET), 500, 'InternalServerErrorException', 'Something went wrong.'],
  [SECRET, 500, 'InternalServerErrorException', 'Something went wrong.'],
  [undefined, 500, 'InternalServerErrorException', 'Something went wrong.'],
  // Another library's error may carry a status of its own.
  [
    Object.assign(new Error(SECRET), { status: 404, errorName: SECRET }),
    500,
    'InternalServerErrorException',
    'Something went wrong.',
  ],
])('our own trouble stays ours: %p', async (error, status, errorName, errorMessage) => {
  const answer = await failed(error);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toEqual({ errorName, errorMessage });
});

test('a wrong method hears the right one', async () => {
  expect((await failed(new MethodNotAllowed('POST'))).headers.get('allow')).toBe('POST');
});

test.each([
  ['2026-01-01T00:00:00.000Z', '1767225600'],
  // Never a moment too early.
  ['2026-01-01T00:00:00.001Z', '1767225601'],
])('who asks too often hears when to come again, in Unix seconds', async (resetAt, expected) => {
  const { headers } = await failed(new TooManyRequests('Too many.', new Date(resetAt)));
  expect(headers.get('x-ratelimit-reset')).toBe(expected);
});

test('what was answered already is left as it is', async () => {
  const { status, text } = await received((response) => {
    respondJson(response, 200, { done: true });
    respondError(response, new Error(SECRET));
  });
  expect([status, text]).toEqual([200, '{"done":true}']);
});

describe('an answer that is for everybody', () => {
  const told = (body: object, known?: string) =>
    received(
      (response, request) => {
        respondCacheable(request, response, body, 300);
      },
      known === undefined ? {} : { 'if-none-match': known },
    );
  const tagOf = async (body: object) => (await told(body)).headers.get('etag') ?? '';

  test('is kept for a while, under a tag of its content', async () => {
    const { status, headers, text } = await told({ key: 'pk_test_1' });
    expect([status, text]).toEqual([200, '{"key":"pk_test_1"}']);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    expect(headers.get('etag')).toMatch(/^"[\w-]{43}"$/);
    expect(await tagOf({ key: 'pk_test_1' })).toBe(headers.get('etag'));
    expect(await tagOf({ key: 'pk_test_2' })).not.toBe(headers.get('etag'));
  });

  test.each([
    ['the tag', (tag: string) => tag],
    ['the tag, called weak', (tag: string) => `W/${tag}`],
    ['one of several', (tag: string) => `"other" , ${tag}`],
    ['any', () => '*'],
  ])('is not sent again to who has %s', async (_name, known) => {
    const tag = await tagOf({ key: 1 });
    const { status, headers, text } = await told({ key: 1 }, known(tag));
    expect([status, text, headers.get('etag')]).toEqual([304, '', tag]);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
  });

  test.each([
    ['another', () => '"other"'],
    ['the tag unquoted', (tag: string) => tag.replaceAll('"', '')],
    ['nothing', () => ''],
  ])('is sent to who has %s', async (_name, known) => {
    expect((await told({ key: 1 }, known(await tagOf({ key: 1 })))).status).toBe(200);
  });
});
