import { readFileSync } from 'node:fs';
import type { FirestoreControl } from '../../../scripts/stack/stack.ts';
import { origin, ports } from '../../../scripts/stack/values.ts';
import { ServedApp } from '../../harness/app.ts';
import { onEmbedded } from '../../harness/embedded.ts';
import { remote } from '../../standins/control.ts';

const firestore = remote<FirestoreControl>(origin(ports.firestoreControl));
const { version } = JSON.parse(readFileSync('functions/package.json', 'utf8')) as {
  version: string;
};

/** Functions that know nothing of Firestore yet. */
let app: ServedApp;

beforeEach(async () => {
  app = await ServedApp.start({});
});

afterEach(() => app.stop());

test('a stranger learns the version and the mode, and no cache keeps that for long', async () => {
  const { status, headers, body } = await app.ask('app-health');
  expect([status, body]).toEqual([200, { status: 'ok', version, mode: 'test' }]);
  expect(headers.get('cache-control')).toBe('public, max-age=10');
});

onEmbedded('many calls at once are one read', async () => {
  await firestore.resetRpcs();
  const calls = Array.from({ length: 30 }, () => app.ask('app-health'));
  expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
  expect({ ...(await firestore.rpcs()) }).toEqual({ BatchGetDocuments: 1 });
});

onEmbedded('while Firestore does not answer it is 503, which no cache keeps', async () => {
  await firestore.hang(true);
  const { status, headers, body } = await app.ask('app-health');
  await firestore.hang(false);
  expect([status, body.errorName]).toEqual([503, 'ServiceUnavailableException']);
  expect(headers.get('cache-control')).toBe('no-store');
});
