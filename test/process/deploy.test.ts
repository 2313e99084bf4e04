import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getFirestore } from 'firebase-admin/firestore';
import * as declared from '../../functions/src/index.ts';
import {
  startEmbeddedFirestore,
  type FirestoreServer,
} from '../../scripts/stack/firestore/embedded.ts';
import * as cloudRun from '../harness/cloud-run.ts';
import { Deployment } from '../harness/deployment.ts';
import { setEnvironment } from '../harness/environment.ts';
import { existing } from '../harness/existing.ts';
import { freePort } from '../harness/pubsub-emulator.ts';
import { endRuns } from '../harness/run.ts';
import { unzip } from '../harness/unzip.ts';
import type { Binding, Json } from '../standins/control-plane/project.ts';
import { putRules, rulesInForce } from '../standins/control-plane/rules.ts';
import { startBehindProxy, type ProxiedGoogle } from '../standins/control-plane/behind-proxy.ts';
import { startRetailApi, type RetailApi } from '../standins/retail-api.ts';
import { startStripe, type StripeStandin } from '../standins/stripe/server.ts';

/*
 * The part "Deploy" of docs/operating.md, with the Firebase CLI itself, into a project that has rules, an
 * index and a function of its own. The tests are the steps: each goes on where the one before has ended.
 */
jest.setTimeout(900_000);

const PROJECT = 'shop-1';
const REGION = 'europe-west1';
const account = `payments@${PROJECT}.iam.gserviceaccount.com`;
const theirRules = 'service cloud.firestore { match /notes/{id} { allow read; } }';
const theirFunction = `projects/${PROJECT}/locations/us-central1/functions/sendNewsletter`;
const theirIndex = `projects/${PROJECT}/databases/(default)/collectionGroups/notes/indexes/1`;

const secrets = {
  PLATFONE_API_KEY: 'retail-standin',
  STRIPE_SECRET_KEY: 'sk_test_standin',
  STRIPE_WEBHOOK_SECRET: 'whsec_standin,whsec_next',
};

let google: ProxiedGoogle;
let stripe: StripeStandin;
let retail: RetailApi;
let firestore: FirestoreServer;
let deployment: Deployment;
let values: Record<string, string>;

beforeAll(async () => {
  google = await startBehindProxy({ project: PROJECT, accounts: [account], rules: theirRules });
  google.project.functions.set(theirFunction, {
    name: theirFunction,
    state: 'ACTIVE',
    labels: { 'deployment-tool': 'cli-firebase' },
    buildConfig: { runtime: 'nodejs22', entryPoint: 'sendNewsletter' },
    serviceConfig: { service: `projects/${PROJECT}/locations/us-central1/services/sendnewsletter` },
  });
  const fields = ['author', 'at', '__name__'].map((path) => ({
    fieldPath: path,
    order: 'ASCENDING',
  }));
  google.project.indexes.set(theirIndex, { name: theirIndex, queryScope: 'COLLECTION', fields });
  stripe = await startStripe({
    apiKey: secrets.STRIPE_SECRET_KEY,
    webhookSecret: 'whsec_standin',
  });
  retail = await startRetailApi({ apiKey: secrets.PLATFONE_API_KEY });
  firestore = await startEmbeddedFirestore({ port: 0 });
  deployment = new Deployment(google);
  values = {
    PAYMENTS_MODE: 'test',
    FUNCTIONS_REGION: REGION,
    FUNCTIONS_MEMORY: '512MiB',
    FUNCTIONS_SERVICE_ACCOUNT: account,
    PLATFONE_API_URL: retail.url,
    STRIPE_ENABLED: 'true',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_standin',
    STRIPE_API_URL: stripe.origin,
  };
  deployment.configure(values);
  deployment.write('functions/.env.local', 'STRIPE_ENABLED=false\n');
  deployment.write('functions/.env.another-project', 'PAYMENTS_MODE=live\n');
  deployment.write('functions/.secret.local', 'STRIPE_SECRET_KEY=sk_test_mine\n');
});

afterAll(async () => {
  await endRuns();
  deployment.remove();
  await firestore.stop();
  await retail.stop();
  await stripe.stop();
  await google.stop();
});

/** What the functions of this repository declare, by the names they are deployed under. */
const endpoints = new Map(
  Object.entries(
    declared as unknown as Record<string, Record<string, { __endpoint: Json }>>,
  ).flatMap(([group, entries]) =>
    Object.entries(entries).map(([name, { __endpoint }]) => [`${group}-${name}`, __endpoint]),
  ),
);
/** Those that are deployed where Stripe is the only gateway. */
const wanted = [...endpoints.keys()].filter((name) => /^(app|staff|sync|stripe)-/.test(name));

interface Deployed {
  readonly buildConfig: Json;
  readonly serviceConfig: Json;
  readonly labels: Json;
  readonly url: string;
}

/** The deployed functions of this repository by their names. */
function deployed(): Map<string, Deployed> {
  const ours = [...google.project.functions].filter(([name]) => name !== theirFunction);
  return new Map(
    ours.map(([path, one]) => [path.slice(path.lastIndexOf('/') + 1), one as unknown as Deployed]),
  );
}

/** Who may call the service of a function. */
function invokersOf({ serviceConfig }: Deployed): readonly string[] {
  const policy = google.project.policies.get(String(serviceConfig['service']));
  const bindings = (policy?.['bindings'] ?? []) as Binding[];
  return bindings.find(({ role }) => role === 'roles/run.invoker')?.members ?? [];
}

test('step 3: each secret arrives whole, also one of several lines', async () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMIGT\n-----END PRIVATE KEY-----\n';
  const all = { ...secrets, APPSTORE_PRIVATE_KEY: key };
  for (const [name, value] of Object.entries(all)) {
    const set = ['functions:secrets:set', name, '--data-file', '-'];
    expect(await deployment.firebase(set, value)).toMatchObject({ code: 0 });
    const versions = google.project.secretVersions.get(`projects/${PROJECT}/secrets/${name}`);
    expect(versions?.map(String)).toEqual([value]);
  }
});

test('step 4: the doctor reads the variables and the secrets, and changes nothing', async () => {
  google.changes();
  const { code, out } = await deployment.run('npm', ['run', 'doctor'], {
    GOOGLE_CLOUD_PROJECT: PROJECT,
  });
  expect([code, out]).toEqual([0, expect.stringContaining('The configuration is right.')]);
  for (const name of [...Object.keys(values), ...Object.keys(secrets)]) {
    expect(out).toMatch(new RegExp(`✓ ${name} +set\n`));
  }
  expect(google.changes()).toEqual([]);
});

test('step 5: the indexes are made, and neither rules nor an index of theirs are touched', async () => {
  const { code, out } = await deployment.firebase(['deploy', '--only', 'firestore:indexes']);
  expect([code, out]).toEqual([0, expect.stringContaining('Deploy complete!')]);
  const { indexes, fieldOverrides } = JSON.parse(
    readFileSync('firestore.indexes.json', 'utf8'),
  ) as {
    indexes: { collectionGroup: string; fields: object[] }[];
    fieldOverrides: { collectionGroup: string; fieldPath: string; ttl?: boolean }[];
  };
  const made = [...google.project.indexes.values()];
  expect(made).toHaveLength(indexes.length + 1);
  for (const { collectionGroup, fields } of indexes) {
    expect(made).toContainEqual(
      expect.objectContaining({
        name: expect.stringContaining(`/${collectionGroup}/`) as string,
        fields: [...fields, expect.objectContaining({ fieldPath: '__name__' })],
      }),
    );
  }
  expect(google.project.fields.size).toBe(fieldOverrides.length);
  for (const { collectionGroup, fieldPath, ttl } of fieldOverrides) {
    const name = `projects/${PROJECT}/databases/(default)/collectionGroups/${collectionGroup}/fields/${fieldPath}`;
    const field = google.project.fields.get(name);
    expect([name, field?.['ttlConfig'] !== undefined]).toEqual([name, ttl === true]);
  }
  expect(rulesInForce(google.project)).toBe(theirRules);
  expect([google.project.indexes.has(theirIndex), deployed().size]).toEqual([true, 0]);
});

test('a deployment without its mode ends at the doctor, and nothing has changed', async () => {
  deployment.configure({ ...values, PAYMENTS_MODE: '' });
  google.changes();
  const { code, out } = await deployment.firebase(['deploy']);
  expect([code, out]).toEqual([1, expect.stringContaining('✗ PAYMENTS_MODE')]);
  expect(out).toContain('set PAYMENTS_MODE in functions/.env');
  expect(google.changes()).toEqual([]);
});

test('one whose gateway has a secret that is not there ends before anything has changed, too', async () => {
  deployment.setPredeploy(false);
  deployment.configure({
    ...values,
    PAYPAL_ENABLED: 'true',
    PAYPAL_CLIENT_ID: 'client',
    PAYPAL_MERCHANT_ID: 'merchant',
    PAYPAL_WEBHOOK_ID: 'webhook',
  });
  const { code, out } = await deployment.firebase(['deploy']);
  expect([code, out]).toEqual([1, expect.stringContaining('PAYPAL_CLIENT_SECRET')]);
  expect(google.changes()).toEqual([]);
});

test('and one that keeps instances warm, which costs money: it asks for --force', async () => {
  deployment.configure({ ...values, FUNCTIONS_MIN_INSTANCES: '1' });
  const { code, out } = await deployment.firebase(['deploy']);
  expect([code, out]).toEqual([1, expect.stringContaining('Pass the --force option')]);
  expect(google.changes()).toEqual([]);
});

describe('step 6', () => {
  test('all is deployed; the first time, the cleanup of old images is left to a command', async () => {
    deployment.setPredeploy(true);
    deployment.configure(values);
    const { code, out } = await deployment.firebase(['deploy']);
    expect([...deployed().keys()].sort()).toEqual(wanted.toSorted());
    expect([code, out]).toEqual([1, expect.stringContaining('could not set up cleanup policy')]);
    const cleanup = ['functions:artifacts:setpolicy', '--location', REGION, '--force'];
    expect(await deployment.firebase(cleanup)).toMatchObject({ code: 0 });
    expect(rulesInForce(google.project)).toBe(readFileSync('firestore.rules', 'utf8'));
    // What comes after the functions is then left out.
    expect([google.project.functions.has(theirFunction), google.project.hosted]).toEqual([
      true,
      undefined,
    ]);
  });

  test.each(wanted)('%s is as it was declared', (name) => {
    const one = existing(deployed().get(name));
    const { buildConfig, serviceConfig, labels, url } = one;
    const endpoint = endpoints.get(name);
    const keys = (endpoint?.['secretEnvironmentVariables'] ?? []) as { key: string }[];
    expect(buildConfig).toMatchObject({
      runtime: 'nodejs24',
      entryPoint: name.replace('-', '.'),
    });
    expect(serviceConfig).toMatchObject({
      availableMemory: '512Mi',
      availableCpu: '1',
      serviceAccountEmail: account,
      ingressSettings: 'ALLOW_ALL',
      maxInstanceRequestConcurrency: endpoint?.['concurrency'],
      maxInstanceCount: endpoint?.['maxInstances'],
      timeoutSeconds: endpoint?.['timeoutSeconds'],
      environmentVariables: { ...values, GCLOUD_PROJECT: PROJECT },
    });
    const bound = serviceConfig['secretEnvironmentVariables'] as object[] | undefined;
    expect(bound ?? []).toEqual(
      keys.map(({ key }) => ({ projectId: PROJECT, key, secret: key, version: '1' })),
    );
    const isScheduled = endpoint?.['scheduleTrigger'] !== undefined;
    expect(labels).toMatchObject({ 'firebase-functions-codebase': 'payments' });
    expect(invokersOf(one)).toEqual([isScheduled ? `serviceAccount:${account}` : 'allUsers']);
    expect(url).toBe(`https://${REGION}-${PROJECT}.cloudfunctions.net/${name}`);
  });

  test('every schedule has its job, which calls the function as the service account', () => {
    const scheduled = wanted.filter((name) => endpoints.get(name)?.['scheduleTrigger']);
    expect(scheduled.length).toBeGreaterThanOrEqual(3);
    const jobs = [...google.project.jobs.values()];
    expect(jobs).toHaveLength(scheduled.length);
    for (const name of scheduled) {
      const { schedule } = endpoints.get(name)?.['scheduleTrigger'] as { schedule: string };
      expect(jobs).toContainEqual(
        expect.objectContaining({
          name: `projects/${PROJECT}/locations/${REGION}/jobs/firebase-schedule-${name}-${REGION}`,
          schedule,
          timeZone: 'UTC',
          attemptDeadline: '540s',
          httpTarget: {
            uri: deployed().get(name)?.url,
            httpMethod: 'POST',
            oidcToken: { serviceAccountEmail: account },
          },
        }),
      );
    }
  });

  test('the secrets that are bound can be read by the service account, and no others', () => {
    const readable = [...google.project.secrets.keys()].filter((name) =>
      google.project.hasRole(name, 'roles/secretmanager.secretAccessor', account),
    );
    const names = readable.map((name) => name.slice(name.lastIndexOf('/') + 1));
    expect(names.sort()).toEqual(Object.keys(secrets).sort());
  });

  test('the upload has the built code and the lock file: no sources, no settings, no packages', () => {
    const [archive = Buffer.of()] = google.project.uploads.values();
    const names = [...unzip(archive).keys()];
    expect(names.filter((name) => !name.startsWith('lib/')).sort()).toEqual([
      'package-lock.json',
      'package.json',
    ]);
    expect(names).toContain('lib/index.js');
    expect(names.filter((name) => !/\.js(\.map)?$/.test(name) && name.startsWith('lib/'))).toEqual(
      [],
    );
  });
});

test('step 7: what was deployed takes an event that Stripe has signed, and a row is there', async () => {
  const folder = join(deployment.folder, 'running');
  cloudRun.unpack(google.project, 'stripe-handleWebhookEvents', folder);
  const install = ['ci', '--omit=dev', '--dry-run', '--offline', '--prefix', folder];
  expect(await deployment.run('npm', install)).toMatchObject({ code: 0 });
  cloudRun.link(folder);
  const url = await cloudRun.start(
    google.project,
    'stripe-handleWebhookEvents',
    folder,
    await freePort(),
    { FIRESTORE_EMULATOR_HOST: firestore.host, METADATA_SERVER_DETECTION: 'none' },
  );
  stripe.control.configureEndpoint({ url });
  const { id } = stripe.control.createForeignIntent({
    amount: 1500,
    captureMethod: 'manual',
    metadata: { purpose: 'balance_topup', deployment: PROJECT, uid: 'ann', order_id: 'order1' },
  });
  stripe.control.confirm(id);
  await stripe.control.idle();
  expect(stripe.control.deliveries().map(({ status }) => status)).not.toContain(401);
  setEnvironment({ FIRESTORE_EMULATOR_HOST: firestore.host });
  const app = initializeApp({ projectId: PROJECT }, randomUUID());
  const rows = await getFirestore(app).collection('tn_payments').get();
  await deleteApp(app);
  expect(rows.docs.map((row) => row.data())).toMatchObject([
    { gateway: 'stripe', kind: 'payment', amount: 1500, uid: 'ann', is_synced: true, mode: 'test' },
  ]);
});

test('a second deployment of the same changes nothing', async () => {
  deployment.setPredeploy(false);
  google.changes();
  const { code, out } = await deployment.firebase(['deploy']);
  expect([code, out]).toEqual([0, expect.stringContaining('Deploy complete!')]);
  // The rules are released again, with the same content, and Hosting makes a version each time.
  const changes = google.changes().filter((line) => !line.includes('firebasehosting'));
  expect(changes).toEqual([
    `PATCH firebaserules.googleapis.com/v1/projects/${PROJECT}/releases/cloud.firestore`,
  ]);
});

test('Hosting passes on to the services of the functions, in their region', () => {
  const { config, files } = existing(google.project.versions.get(existing(google.project.hosted)));
  const { rewrites } = config as { rewrites: { glob: string; run?: object }[] };
  expect(rewrites).toContainEqual({
    glob: '/api/stripe-handleWebhookEvents',
    run: { serviceId: 'stripe-handlewebhookevents', region: REGION },
  });
  const toServices = rewrites.filter(({ run }) => run !== undefined);
  expect(toServices.every(({ glob }) => wanted.includes(glob.replace('/api/', '')))).toBe(true);
  expect(Object.keys(files as object)).toEqual(['/404.html']);
});

test('a gateway that drains stays deployed; rules and Hosting stay where they are not named', async () => {
  const { hosted } = google.project;
  putRules(google.project, theirRules);
  deployment.configure({ ...values, STRIPE_ENABLED: 'draining' });
  const { code, out } = await deployment.firebase([
    'deploy',
    '--only',
    'functions,firestore:indexes',
  ]);
  expect([code, out]).toEqual([0, expect.stringContaining('Deploy complete!')]);
  expect([...deployed().keys()].sort()).toEqual(wanted.toSorted());
  for (const { serviceConfig } of deployed().values()) {
    expect(serviceConfig['environmentVariables']).toMatchObject({ STRIPE_ENABLED: 'draining' });
  }
  expect([rulesInForce(google.project), google.project.hosted]).toEqual([theirRules, hosted]);
});

describe('a gateway that is switched off', () => {
  test('--non-interactive deletes no function: it names them, and ends', async () => {
    deployment.configure({ ...values, STRIPE_ENABLED: 'false' });
    const { code, out } = await deployment.firebase(['deploy', '--only', 'functions']);
    expect(code).not.toBe(0);
    expect(out).toContain(
      `firebase functions:delete stripe-handleWebhookEvents --region ${REGION}`,
    );
    expect([...deployed().keys()].sort()).toEqual(wanted.toSorted());
  });

  test('functions:delete takes its functions and their schedules away, and no others', async () => {
    expect(
      await deployment.firebase(['functions:delete', 'stripe', '--region', REGION, '--force']),
    ).toMatchObject({ code: 0 });
    const left = wanted.filter((name) => !name.startsWith('stripe-'));
    expect([...deployed().keys()].sort()).toEqual(left.toSorted());
    const jobs = [...google.project.jobs.keys()].filter((name) => name.includes('stripe-'));
    expect([jobs, google.project.functions.has(theirFunction)]).toEqual([[], true]);
  });
});

test('the stand-in has played every part: no call of the CLI went unanswered', () => {
  expect(google.strange).toEqual([]);
});
