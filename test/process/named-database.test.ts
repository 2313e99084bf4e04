import { readFileSync } from 'node:fs';
import { Deployment } from '../harness/deployment.ts';
import { endRuns } from '../harness/run.ts';
import { startBehindProxy, type ProxiedGoogle } from '../standins/control-plane/behind-proxy.ts';
import { rulesInForce } from '../standins/control-plane/rules.ts';

/*
 * The part "Into a project that exists" of docs/operating.md, with the Firebase CLI itself: a database of its
 * own. The tests are the steps: each goes on where the one before has ended.
 */
jest.setTimeout(900_000);

const PROJECT = 'shop-1';
const theirRules = 'service cloud.firestore { match /notes/{id} { allow read; } }';
const databases = `projects/${PROJECT}/databases`;
const theirIndex = `${databases}/(default)/collectionGroups/notes/indexes/1`;

let google: ProxiedGoogle;
let deployment: Deployment;

beforeAll(async () => {
  google = await startBehindProxy({ project: PROJECT, rules: theirRules });
  google.project.indexes.set(theirIndex, {
    name: theirIndex,
    queryScope: 'COLLECTION',
    fields: [],
  });
  deployment = new Deployment(google);
  deployment.configure({ PAYMENTS_MODE: 'test', FIRESTORE_DATABASE: 'payments' });
});

afterAll(async () => {
  await endRuns();
  deployment.remove();
  await google.stop();
});

test('while firebase.json does not name it, the doctor ends a deployment before anything has changed', async () => {
  const secret = ['functions:secrets:set', 'PLATFONE_API_KEY', '--data-file', '-'];
  expect(await deployment.firebase(secret, 'retail-standin')).toMatchObject({ code: 0 });
  google.changes();
  const { code, out } = await deployment.firebase(['deploy']);
  expect([code, out]).toEqual([1, expect.stringMatching(/✗ firestore\.database +is \(default\)/)]);
  expect(out).toContain('1 to put right.');
  expect(google.changes()).toEqual([]);
});

test('step 1: the database is made where the operator says', async () => {
  const make = ['firestore:databases:create', 'payments', '--location', 'europe-west1'];
  expect(await deployment.firebase(make)).toMatchObject({ code: 0 });
  expect(google.project.databases.get(`${databases}/payments`)).toMatchObject({
    locationId: 'europe-west1',
  });
});

test('step 2: setup writes its name into firebase.json', async () => {
  deployment.write('answers', 'GATEWAYS=\n');
  const setup = ['scripts/setup-project.ts', '--project', PROJECT, '--answers', 'answers'];
  const { code, out } = await deployment.run(process.execPath, setup);
  expect([code, out]).toEqual([0, expect.stringContaining('firestore.database=payments')]);
});

test('a deployment brings rules and indexes there, and leaves those of (default) alone', async () => {
  google.changes();
  const { out } = await deployment.firebase(['deploy', '--only', 'functions,firestore']);
  expect(out).toContain('released rules firestore.rules');
  const rules = readFileSync('firestore.rules', 'utf8');
  expect(rulesInForce(google.project, 'payments')).toBe(rules);
  expect(rulesInForce(google.project)).toBe(theirRules);
  const { indexes, fieldOverrides } = JSON.parse(
    readFileSync('firestore.indexes.json', 'utf8'),
  ) as Record<'indexes' | 'fieldOverrides', object[]>;
  const made = [...google.project.indexes.keys()].filter((name) => name !== theirIndex);
  const fields = [...google.project.fields.keys()];
  expect([made.length, fields.length]).toEqual([indexes.length, fieldOverrides.length]);
  for (const name of [...made, ...fields]) expect(name).toContain(`${databases}/payments/`);
  expect(google.changes().filter((line) => line.includes('(default)'))).toEqual([]);
  const functions = [...google.project.functions.values()];
  expect(functions.length).toBeGreaterThan(5);
  for (const { serviceConfig } of functions) {
    expect(serviceConfig).toMatchObject({
      environmentVariables: { FIRESTORE_DATABASE: 'payments' },
    });
  }
});

test('the stand-in has played every part: no call of the CLI went unanswered', () => {
  expect(google.strange).toEqual([]);
});
