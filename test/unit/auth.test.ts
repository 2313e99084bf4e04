import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deleteUser } from '../../functions/src/auth.ts';
import { Unavailable } from '../../functions/src/errors.ts';
import { setEnvironment } from '../harness/environment.ts';

let google: Server;
let reply: { status: number; body: object };
let asked: string[];

beforeAll(async () => {
  google = createServer((request, response) => {
    asked.push(`${String(request.method)} ${String(request.url)}`);
    response.writeHead(reply.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply.body));
  }).listen(0, '127.0.0.1');
  await once(google, 'listening');
  setEnvironment({
    GCLOUD_PROJECT: 'demo-temp-number',
    FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${(google.address() as AddressInfo).port}`,
  });
});

afterAll(() => {
  google.closeAllConnections();
  google.close();
});

beforeEach(() => {
  asked = [];
});

const failure = (status: number, message: string) => ({ status, body: { error: { message } } });

test.each([
  ['who is there', { status: 200, body: {} }],
  ['who is not there any more', failure(400, 'USER_NOT_FOUND')],
])('a user %s is deleted', async (_who, given) => {
  reply = given;
  await expect(deleteUser('ann')).resolves.toBeUndefined();
  expect(asked).toEqual([expect.stringMatching(/^POST .*\/accounts:delete$/)]);
});

test.each([
  ['an error', failure(500, 'INTERNAL')],
  ['a missing permission', failure(403, 'INSUFFICIENT_PERMISSION')],
  ['a quota', failure(429, 'QUOTA_EXCEEDED')],
])('%s is no deletion: try again later', async (_what, given) => {
  reply = given;
  await expect(deleteUser('ann')).rejects.toThrow(Unavailable);
});
