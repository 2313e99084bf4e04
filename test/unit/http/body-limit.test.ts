import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { limitBodies } from '../../../functions/src/http/body-limit.ts';

let server: Server;
let port: number;
const seen: { body: string | undefined; parsed: unknown }[] = [];

beforeAll(async () => {
  limitBodies();
  http('echo', (request, response) => {
    seen.push({ body: request.rawBody?.toString(), parsed: request.body });
    response.end('ok');
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

/** Sends raw bytes until they are answered; resolves to the answer. */
async function send(head: string, chunks: Iterable<Buffer | string>): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (data: Buffer) => {
      answer += data.toString();
      resolve();
    });
    socket.on('close', resolve);
    // A server that refuses cuts the line while we still send.
    socket.on('error', () => undefined);
  });
  socket.write(`POST / HTTP/1.1\r\nhost: local\r\n${head}\r\n\r\n`);
  for (const chunk of chunks) {
    if (socket.destroyed || answer !== '') break;
    if (socket.write(chunk)) continue;
    const drained = new Promise((resolve) => socket.once('drain', resolve));
    await Promise.race([drained, answered]);
  }
  await answered;
  socket.destroy();
  return answer;
}

const megabyte = Buffer.alloc(1_000_000, ' ');

function* chunked(count: number): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) {
    yield Buffer.concat([Buffer.from('f4240\r\n'), megabyte, Buffer.from('\r\n')]);
  }
  yield Buffer.from('0\r\n\r\n');
}

test('a body of the announced length over the limit is 413 before it is read', async () => {
  const started = process.cpuUsage();
  const memory = process.memoryUsage().rss;
  const body = `[${'{},'.repeat(10_000_000)}{}]`;
  const answer = await send(`content-type: application/json\r\ncontent-length: ${body.length}`, [
    body,
  ]);
  expect(answer).toMatch(/^HTTP\/1.1 413 [^]*connection: close[^]*PayloadTooLargeException/i);
  expect(seen).toEqual([]);
  // Parsing it took seconds and a gigabyte; making it here takes most of what is allowed.
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000).toBeLessThan(1_000);
  expect(process.memoryUsage().rss - memory).toBeLessThan(200_000_000);
});

test('one whose length is not announced is counted as it comes', async () => {
  const answer = await send(
    'content-type: application/json\r\ntransfer-encoding: chunked',
    chunked(30),
  );
  expect(answer).toMatch(/^HTTP\/1.1 413 [^]*PayloadTooLargeException/);
  expect(seen).toEqual([]);
});

test('what is within the limit arrives as plain bytes, announced or not', async () => {
  expect(await send('content-type: application/json\r\ncontent-length: 7', ['{"a":1}'])).toMatch(
    /200/,
  );
  expect(await send('transfer-encoding: chunked', ['7\r\n{"a":1}\r\n0\r\n\r\n'])).toMatch(/200/);
  expect(await send('content-type: application/json\r\ncontent-length: 4', ['{bad'])).toMatch(
    /200/,
  );
  expect(seen.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}', '{bad']);
  expect(seen.every(({ parsed }) => Buffer.isBuffer(parsed))).toBe(true);
});

test('exactly a megabyte is taken, one byte more is not', async () => {
  const length = (bytes: number) => `content-length: ${bytes}`;
  expect(await send(length(1_000_000), [megabyte])).toMatch(/^HTTP\/1.1 200/);
  expect(await send(length(1_000_001), [megabyte, ' '])).toMatch(/^HTTP\/1.1 413/);
});

test('a compressed body is refused, however small', async () => {
  const answer = await send('content-encoding: gzip\r\ncontent-length: 3', ['abc']);
  expect(answer).toMatch(/^HTTP\/1.1 415 /);
  expect(seen.filter(({ body }) => body !== undefined)).toEqual([]);
});
