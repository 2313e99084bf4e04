import { readFileSync } from 'node:fs';
import { expectedFunctions } from '../../../scripts/doctor/expected.ts';
import { valuesUnder } from '../../../scripts/stack/configure.ts';
import {
  PROJECT,
  push,
  startDeployedProject,
  type Deployed,
  type DeployedProject,
} from '../../harness/deployed-project.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { OperatorsProject } from '../../harness/project.ts';

/** `npm run doctor -- --project`, against a project as a deployment leaves it, and as people break it. */

let project: DeployedProject;

beforeAll(() => {
  setEnvironment(valuesUnder({}).parameters);
});

beforeEach(async () => {
  project = await startDeployedProject();
});

afterEach(() => project.google.stop());

const found = () => project.lines();
const faults = async () => (await found()).filter((line) => !line.startsWith('ok '));

test('a project as it is deployed is right, and every part was looked at', async () => {
  const lines = await found();
  expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
  for (const text of [
    'ok stripe-handleWebhookEvents runs in us-central1',
    'ok app-health runs in us-central1',
    'ok version 1.2.3',
    'ok mode live',
    'ok tn_payments (uid ASCENDING, created_at DESCENDING) is built',
    'ok STRIPE_WEBHOOK_SECRET version 1',
    'ok sync-retryUnsynced has run at 2026-11-30T09:59:00.000Z',
    'ok play-notifications-push as it should be',
  ]) {
    expect(lines).toContain(text);
  }
});

/** An entry of a list, by the end of its name. */
const entry = (list: Record<string, unknown>[], end: string) =>
  list.find(({ name }) => String(name).endsWith(end)) ?? {};

test.each<[string, (deployed: Deployed) => void, string]>([
  [
    'a function that is not there',
    (deployed) => {
      deployed.functions = deployed.functions.filter(
        ({ name }) => !String(name).endsWith('/stripe-handleWebhookEvents'),
      );
    },
    'stripe-handleWebhookEvents is not deployed → npx firebase deploy',
  ],
  [
    'a function that did not come up',
    ({ functions }) => {
      entry(functions, '/paypal-createOrder')['state'] = 'FAILED';
    },
    'paypal-createOrder is FAILED → npx firebase functions:log',
  ],
  [
    'a secret that a function does not get',
    ({ functions }) => {
      entry(functions, '/stripe-handleWebhookEvents')['serviceConfig'] = {};
    },
    'stripe-handleWebhookEvents has no STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET',
  ],
  [
    'a secret that is not there',
    ({ secrets }) => {
      delete secrets['PAYPAL_CLIENT_SECRET'];
    },
    'PAYPAL_CLIENT_SECRET is not in Secret Manager → npx firebase functions:secrets:set',
  ],
  [
    'a secret that was switched off',
    ({ secrets }) => {
      secrets['PLATFONE_API_KEY'] = { state: 'DISABLED', version: '1' };
    },
    'PLATFONE_API_KEY has a latest version that is off',
  ],
  [
    'a secret that was changed and not deployed',
    ({ secrets }) => {
      secrets['STRIPE_WEBHOOK_SECRET'] = { state: 'ENABLED', version: '2' };
    },
    'STRIPE_WEBHOOK_SECRET has version 2, and functions still use 1 → npx firebase deploy',
  ],
  [
    'an index that is still built',
    ({ indexes }) => {
      Object.assign(indexes[0] ?? {}, { state: 'CREATING' });
    },
    'is CREATING: queries fail → Wait',
  ],
  [
    'documents that never end',
    ({ fields }) => {
      for (const one of fields) delete one['ttlConfig'];
    },
    'has no time to live',
  ],
  [
    'a field that somebody has given an index',
    ({ fields }) => {
      const [one = {}] = fields;
      const all = [{ queryScope: 'COLLECTION', fields: [{ fieldPath: 'x', order: 'ASCENDING' }] }];
      one['indexConfig'] = { indexes: [...all, ...all] };
    },
    'has not the indexes of firestore.indexes.json → npx firebase deploy',
  ],
  [
    'functions that were left in the old region',
    ({ functions }) => {
      const one = entry(functions, '/app-health');
      functions.push({ ...one, name: String(one['name']).replace('us-central1', 'us-east1') });
    },
    'app-health is left in us-east1, and runs in us-central1, too → npx firebase functions:delete app-health --region us-east1',
  ],
  [
    'a job that was never tried, and is overdue',
    ({ jobs }) => {
      const one = entry(jobs, 'sync-retryUnsynced-us-central1');
      delete one['lastAttemptTime'];
      one['scheduleTime'] = '2026-11-30T09:59:00Z';
    },
    'sync-retryUnsynced was not tried since it was made',
  ],
  [
    'a job that somebody has paused',
    ({ jobs }) => {
      entry(jobs, 'sync-retryUnsynced-us-central1')['state'] = 'PAUSED';
    },
    'sync-retryUnsynced is PAUSED → gcloud scheduler jobs resume',
  ],
  [
    'a job that is gone',
    (deployed) => {
      deployed.jobs = [];
    },
    'stripe-reconcile has no job in Cloud Scheduler',
  ],
  [
    'a job that fails',
    ({ jobs }) => {
      entry(jobs, 'stripe-reconcile-us-central1')['status'] = { code: 13 };
    },
    'stripe-reconcile has failed at 2026-11-30T09:59:00.000Z → npx firebase functions:log',
  ],
  [
    'a job that has not run for long',
    ({ jobs }) => {
      const at = '2026-11-30T09:40:00Z';
      entry(jobs, 'sync-retryUnsynced-us-central1')['lastAttemptTime'] = at;
    },
    'sync-retryUnsynced was not tried since 2026-11-30T09:40:00Z',
  ],
  [
    'no subscription',
    (deployed) => {
      deployed.subscription = undefined;
    },
    'play-notifications-push is not there → npm run setup:googleplay',
  ],
  [
    'a push to a dead address',
    ({ subscription }) => {
      const pushEndpoint = 'https://gone.example.com/googleplay-handleWebhookEvents';
      const oidcToken = { serviceAccountEmail: push.sender, audience: push.audience };
      Object.assign(subscription ?? {}, { pushConfig: { pushEndpoint, oidcToken } });
    },
    'is registered at https://gone.example.com/googleplay-handleWebhookEvents, where the answer is 404',
  ],
  [
    'another sender and audience',
    ({ subscription }) => {
      const oidcToken = { serviceAccountEmail: 'a@b.example', audience: 'x' };
      Object.assign(subscription ?? {}, {
        pushConfig: { pushEndpoint: push.audience, oidcToken },
      });
    },
    'has another sender than GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT; has another audience than GOOGLE_PLAY_PUSH_AUDIENCE',
  ],
  [
    'an older version',
    (deployed) => {
      deployed.health = { status: 200, body: { status: 'ok', version: '1.2.2', mode: 'live' } };
    },
    'version is 1.2.2, and this is 1.2.3 → npx firebase deploy',
  ],
  [
    'another mode',
    (deployed) => {
      deployed.health = { status: 200, body: { status: 'ok', version: '1.2.3', mode: 'test' } };
    },
    'mode is test, and PAYMENTS_MODE is live',
  ],
  [
    'functions that do not answer',
    (deployed) => {
      deployed.health = { status: 500, body: {} };
    },
    'app-health is answered 500 → npx firebase functions:log',
  ],
  [
    'a Firestore that does not answer',
    (deployed) => {
      deployed.health = { status: 503, body: {} };
    },
    'app-health is 503: Firestore does not answer',
  ],
])('%s', async (_what, broken, words) => {
  broken(project.google.control.deployment);
  const lines = await faults();
  expect(lines).toContainEqual(expect.stringContaining(words));
  expect(lines.filter((line) => !line.startsWith('wrong '))).toEqual([]);
});

test.each([
  ['cloudfunctions.googleapis.com', 'roles/cloudfunctions.viewer'],
  ['firestore.googleapis.com', 'roles/datastore.viewer'],
  ['secretmanager.googleapis.com', 'roles/secretmanager.viewer'],
  ['cloudscheduler.googleapis.com', 'roles/cloudscheduler.viewer'],
  ['pubsub.googleapis.com', 'roles/pubsub.viewer'],
])('what may not be read at %s says which role is missing, and is no fault', async (host, role) => {
  project.google.control.deny(host);
  const lines = await faults();
  expect(lines.filter((line) => !line.startsWith('unseen '))).toEqual([]);
  expect(lines.join('\n')).toContain(`${host} refuses: the user who asks needs ${role}`);
});

test('functions behind a load balancer cannot be asked from here, which is no fault', async () => {
  project.google.control.deployment.health = { status: 404, body: '' };
  const lines = await project.lines({ isClosed: true });
  expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([
    'unseen The version that answers cannot be asked: FUNCTIONS_INGRESS lets a load balancer in alone',
  ]);
});

test('a job that is not due yet is no fault', async () => {
  const one = entry(project.google.control.deployment.jobs, 'sync-retryUnsynced-us-central1');
  delete one['lastAttemptTime'];
  one['scheduleTime'] = '2026-11-30T10:03:00Z';
  expect(await faults()).toEqual([
    'unseen sync-retryUnsynced is not due yet: it runs at 2026-11-30T10:03:00Z first',
  ]);
});

test('functions of another codebase may use another version of a secret, and be elsewhere', async () => {
  const { functions } = project.google.control.deployment;
  const own = entry(functions, '/stripe-handleWebhookEvents');
  const root = String(own['name']).replace(/[^/]+$/, '');
  const labels = { 'firebase-functions-codebase': 'theirs' };
  const secrets = [{ key: 'STRIPE_SECRET_KEY', secret: 'STRIPE_SECRET_KEY', version: '7' }];
  const serviceConfig = { secretEnvironmentVariables: secrets };
  functions.push(
    { ...own, labels, serviceConfig, name: `${root}theirs` },
    { ...own, labels, serviceConfig, name: String(own['name']).replace('us-central1', 'us-east1') },
  );
  expect(await faults()).toEqual([]);
});

test('where functions cannot be listed, no secret is said to be right', async () => {
  project.google.control.deny('cloudfunctions.googleapis.com');
  const lines = await found();
  expect(lines).toContain(
    'unseen STRIPE_WEBHOOK_SECRET has version 1; the one that functions use could not be seen',
  );
  expect(lines.filter((line) => /^ok .* version 1$/.test(line))).toEqual([]);
});

test('the indexes of the database that is set are looked at; one that is not there is named', async () => {
  const named = await startDeployedProject('payments');
  const right = await named.lines();
  named.google.control.deployment.database = '(default)';
  const gone = await named.lines();
  await named.google.stop();
  expect(right.filter((line) => !line.startsWith('ok '))).toEqual([]);
  expect(right).toContain('ok tn_payments (uid ASCENDING, created_at DESCENDING) is built');
  expect(gone.filter((line) => !line.startsWith('ok '))).toEqual([
    expect.stringContaining(
      "wrong payments is no database of the project → Correct FIRESTORE_DATABASE, or npx firebase firestore:databases:create 'payments'",
    ),
  ]);
});

test('an index that somebody else has made is named, and is no fault', async () => {
  project.google.control.deployment.indexes.push({
    name: `projects/${PROJECT}/databases/(default)/collectionGroups/theirs/indexes/x`,
    queryScope: 'COLLECTION',
    fields: [{ fieldPath: 'a', order: 'ASCENDING' }],
    state: 'READY',
  });
  expect(await found()).toContain('ok theirs (a ASCENDING) is not ours, and is left');
});

test('the command ends with 0 where all is right, and with 1 for a fault of the project', async () => {
  const { parameters, secrets } = valuesUnder({});
  const nowhere = 'http://127.0.0.1:1';
  const off = {
    GOOGLE_PLAY_ENABLED: 'false',
    STRIPE_API_URL: nowhere,
    PAYPAL_API_URL: nowhere,
    PLATFONE_API_URL: nowhere,
  };
  const operators = new OperatorsProject(
    { ...parameters, ...off },
    { ...secrets, APPSTORE_PRIVATE_KEY: 'none' },
  );
  const { deployment } = project.google.control;
  const gateways = ['anypay', 'appstore', 'cryptomus', 'payeer', 'paypal', 'stripe', 'wayforpay'];
  const deployed = expectedFunctions(gateways).map((one) => ({
    ...one,
    secrets: Object.fromEntries(one.secrets.map((key) => [key, '1'])),
  }));
  deployment.deploy(deployed, new Date());
  const { version } = JSON.parse(readFileSync('functions/package.json', 'utf8')) as {
    version: string;
  };
  deployment.health = { status: 200, body: { status: 'ok', version, mode: 'test' } };
  Object.assign(operators.shell, project.google.environment);
  const run = () => operators.run('scripts/doctor.ts', '--project', PROJECT);

  const right = await run();
  expect([right.code, right.stderr]).toEqual([0, '']);
  expect(right.stdout).toContain(
    'The configuration and what is deployed are right, but for 4 that could not be seen.',
  );
  expect(right.stdout).toContain('not needed: Google Play is off');

  delete deployment.secrets['PLATFONE_API_KEY'];
  const broken = await run();
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/✗ PLATFONE_API_KEY +is not in Secret Manager\n +npx firebase/);
  expect(broken.stdout).toContain('1 to put right.');
  operators.remove();
});
