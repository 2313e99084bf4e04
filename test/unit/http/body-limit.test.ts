import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { checkBody, limitBodies } from '../../../functions/src/http/body-limit.ts';
import { respondError } from '../../../functions/src/http/respond.ts';

let server: Server;
let port: number;
const seen: { bytes: number; parsed: boolean }[] = [];

beforeAll(async () => {
  limitBodies();
  http('echo', (request, response) => {
    const { rawBody } = request;
    seen.push({ bytes: rawBody?.length ?? 0, parsed: !Buffer.isBuffer(request.body) });
    try {
      checkBody(request);
      response.end(rawBody);
    } catch (error) {
      respondError(response, error);
    }
  });
  server = getTestServer('echo').listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

beforeEach(() => {
  seen.length = 0;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends raw bytes, all of them; resolves to the answer. */
async function send(head: string, chunks: Iterable<Buffer | string>): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  const closed = once(socket, 'close');
  socket.on('data', (data: Buffer) => {
    answer += data.toString();
  });
  socket.write(`POST / HTTP/1.1\r\nhost: local\r\nconnection: close\r\n${head}\r\n\r\n`);
  for (const chunk of chunks) {
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  await closed;
  return answer;
}

const megabyte = Buffer.alloc(1_000_000, ' ');

function* chunked(count: number): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) {
    yield Buffer.concat([Buffer.from('f4240\r\n'), megabyte, Buffer.from('\r\n')]);
  }
  yield Buffer.from('0\r\n\r\n');
}

const json = 'content-type: application/json';

test('a body of the announced length over the limit is 413, and never kept or parsed', async () => {
  const body = Buffer.from(`[${'{},'.repeat(10_000_000)}{}]`);
  const answer = await send(`${json}\r\ncontent-length: ${body.length}`, [body]);
  expect(answer).toMatch(/^HTTP\/1.1 413 [^]*PayloadTooLargeException/);
  // Left alone, the framework spends seconds of CPU and a gigabyte on it.
  expect(seen).toEqual([{ bytes: 0, parsed: false }]);
});

test('one whose length is not announced is counted as it comes', async () => {
  const answer = await send(`${json}\r\ntransfer-encoding: chunked`, chunked(30));
  expect(answer).toMatch(/^HTTP\/1.1 413 [^]*PayloadTooLargeException/);
  expect(seen).toEqual([{ bytes: 1_000_000, parsed: false }]);
});

test.each([
  ['announced', 'content-length: 7', '{"a":1}'],
  ['not announced', 'transfer-encoding: chunked', '7\r\n{"a":1}\r\n0\r\n\r\n'],
  ['not JSON', 'content-length: 7', '{"a":1]'],
])('what is within the limit arrives as plain bytes: %s', async (_name, length, body) => {
  const answer = await send(`${json}\r\n${length}`, [body]);
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(answer).toContain('{"a":1');
  expect(seen).toEqual([{ bytes: 7, parsed: false }]);
});

test('exactly a megabyte is taken, one byte more is not', async () => {
  const length = (bytes: number) => `content-length: ${bytes}`;
  expect(await send(length(1_000_000), [megabyte])).toMatch(/^HTTP\/1.1 200/);
  expect(await send(length(1_000_001), [megabyte, ' '])).toMatch(/^HTTP\/1.1 413/);
});

test('a compressed body is refused, however small, and not inflated', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  for (const body of [bomb, Buffer.from('abc')]) {
    const head = `${json}\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}`;
    expect(await send(head, [body])).toMatch(/^HTTP\/1.1 415 /);
  }
  expect(seen.map(({ bytes }) => bytes)).toEqual([0, 0]);
});
