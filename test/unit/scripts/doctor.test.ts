import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { examineTarget } from '../../../scripts/doctor/database.ts';
import type { Examined } from '../../../scripts/doctor/examine.ts';
import { readDeployment, readSwitches } from '../../../scripts/doctor/parts.ts';
import { examineStack, settings, stack } from '../../harness/doctor.ts';
import { setEnvironment } from '../../harness/environment.ts';

const all = (examined: readonly Examined[]) => examined.flatMap(({ findings }) => findings);
const wrong = (examined: readonly Examined[]) =>
  all(examined)
    .filter(({ state }) => state === 'wrong')
    .map(({ name, words }) => `${name} ${words}`);

test('the stack is configured rightly, and every setting is said once to be so', () => {
  const findings = all(examineStack());
  expect(wrong(examineStack())).toEqual([]);
  const names = findings.map(({ name }) => name);
  expect(names.toSorted()).toEqual(settings.map(({ name }) => name).toSorted());
  expect(new Set(names).size).toBe(names.length);
});

test.each<[string, Record<string, string>, string]>([
  [
    'a live key in test mode',
    { STRIPE_SECRET_KEY: 'sk_live_1' },
    'STRIPE_SECRET_KEY is not such a key of test mode',
  ],
  [
    "a destination's id in place of its signing secret",
    { STRIPE_WEBHOOK_SECRET: 'we_1' },
    'STRIPE_WEBHOOK_SECRET must be whsec_…, as the destination shows it',
  ],
  ['a webhook without an id', { PAYPAL_WEBHOOK_ID: '' }, 'PAYPAL_WEBHOOK_ID is missing'],
  ['an app without its bundle id', { APPSTORE_BUNDLE_ID: '' }, 'APPSTORE_BUNDLE_ID is missing'],
  [
    'a package name that cannot be one',
    { GOOGLE_PLAY_PACKAGE_NAME: 'my app' },
    'GOOGLE_PLAY_PACKAGE_NAME is malformed',
  ],
  [
    'a push subscription without its sender',
    { GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT: '' },
    'GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT is missing',
  ],
  [
    'memory that one CPU cannot have',
    { FUNCTIONS_MEMORY: '300MiB' },
    'FUNCTIONS_MEMORY must be one of 256MiB, 512MiB, 1GiB, 2GiB, 4GiB',
  ],
  [
    'instances without end',
    { FUNCTIONS_MIN_INSTANCES: '100' },
    'FUNCTIONS_MIN_INSTANCES must be a whole number from 0 to 20',
  ],
  [
    'a service account by its short name',
    { FUNCTIONS_SERVICE_ACCOUNT: 'payments' },
    'FUNCTIONS_SERVICE_ACCOUNT must be the e-mail address of a service account, which ends with .gserviceaccount.com',
  ],
  [
    'functions that no gateway can reach',
    { FUNCTIONS_INGRESS: 'ALLOW_INTERNAL_ONLY' },
    'FUNCTIONS_INGRESS must be ALLOW_ALL or ALLOW_INTERNAL_AND_GCLB',
  ],
  [
    'a database whose name Firestore does not take',
    { FIRESTORE_DATABASE: 'Payments' },
    'FIRESTORE_DATABASE must be (default), or the id of a database, such as payments',
  ],
  [
    'limits the wrong way round',
    { TOPUP_MIN_CENTS: '5000', TOPUP_MAX_CENTS: '500' },
    'TOPUP_MIN_CENTS is above TOPUP_MAX_CENTS',
  ],
  [
    'a callback without an address',
    { WAYFORPAY_CALLBACK_URL: 'example.com' },
    'WAYFORPAY_CALLBACK_URL must be an http(s) address',
  ],
  [
    'an API user of Payeer without a password',
    { PAYEER_ACCOUNT: 'P1', PAYEER_API_ID: '1', PAYEER_API_PASSWORD: 'none' },
    "PAYEER_API_PASSWORD must be the API user's secret key where PAYEER_ACCOUNT is set",
  ],
])('%s is named with its cause, and the fix', (_name, given, line) => {
  const examined = examineStack(given);
  expect(wrong(examined)).toContain(line);
  const [name = ''] = line.split(' ');
  const finding = all(examined).find((one) => one.name === name);
  expect(finding?.fix).toMatch(new RegExp(`(secrets:set|set) ${name}`));
  // No value is ever printed.
  for (const value of Object.values(given).filter((one) => one.length > 4)) {
    expect(JSON.stringify(examined)).not.toContain(JSON.stringify(value).slice(1, -1));
  }
});

test.each(
  readSwitches(settings).flatMap(({ variable }) =>
    ['tru', 'True', 'off'].map((value) => [variable, value]),
  ),
)('%s=%s is no switch', (variable = '', value = '') => {
  expect(wrong(examineStack({ [variable]: value }))).toEqual([
    `${variable} must be true, draining or false`,
  ]);
});

test('a gateway that is off is not looked at', () => {
  const examined = examineStack({ STRIPE_ENABLED: 'false', STRIPE_SECRET_KEY: '' });
  expect(wrong(examined)).toEqual([]);
  expect(all(examined).filter(({ name }) => name.startsWith('STRIPE_'))).toEqual([]);
});

test('a catalogue is asked for by a store alone', () => {
  const off = { APPSTORE_ENABLED: 'false', GOOGLE_PLAY_ENABLED: 'false', STORE_PRODUCTS: '' };
  expect(wrong(examineStack(off))).toEqual([]);
  expect(wrong(examineStack({ ...off, APPSTORE_ENABLED: 'true' }))).toEqual([
    'STORE_PRODUCTS is missing',
  ]);
});

test('a secret that cannot be read from here is no fault', () => {
  const examined = examineStack({ STRIPE_SECRET_KEY: '' }, ['STRIPE_SECRET_KEY']);
  expect(wrong(examined)).toEqual([]);
  expect(all(examined).find(({ name }) => name === 'STRIPE_SECRET_KEY')).toMatchObject({
    state: 'unseen',
  });
});

test('every secret that a function is bound to is explained, and looked at', () => {
  setEnvironment(stack);
  const explained = settings.filter(({ isSecret }) => isSecret).map(({ name }) => name);
  expect(readDeployment(settings).secrets.toSorted()).toEqual(explained.toSorted());
});

test('rules that would go to another database than the documents are a fault, with what to write', () => {
  expect(wrong([examineTarget('(default)')])).toEqual([]);
  const [finding] = examineTarget('payments').findings;
  expect(finding).toMatchObject({
    state: 'wrong',
    words: expect.stringContaining('is (default), and FIRESTORE_DATABASE is payments') as string,
    fix: expect.stringContaining('"database": "payments"') as string,
  });
});

test('the doctor runs before every deployment', () => {
  const { functions } = JSON.parse(readFileSync('firebase.json', 'utf8')) as {
    functions: { predeploy: string[] }[];
  };
  expect(functions[0]?.predeploy.at(-1)).toBe('npm --prefix "$PROJECT_DIR" run doctor');
});

test('keys and secrets that lie about are neither uploaded nor committed', async () => {
  const { functions } = JSON.parse(readFileSync('firebase.json', 'utf8')) as {
    functions: { ignore: string[] }[];
  };
  const keys = ['.secret.live', '.secret.local', '.env.live', 'apple.p8', 'key.pem'];
  const folder = mkdtempSync(join(tmpdir(), 'upload-'));
  for (const name of [...keys, 'package.json']) writeFileSync(join(folder, name), '');
  // So the Firebase CLI chooses what it uploads.
  const { readdirRecursive } = jest.requireActual<{
    readdirRecursive: (of: object) => Promise<{ name: string }[]>;
  }>('firebase-tools/lib/fsAsync.js');
  const found = await readdirRecursive({ path: folder, ignoreStrings: functions[0]?.ignore });
  rmSync(folder, { recursive: true });
  expect(found.map(({ name }) => basename(name))).toEqual(['package.json']);
  const paths = [...keys.map((name) => `functions/${name}`), 'answers', 'answers.txt'];
  const ignored = execFileSync('git', ['check-ignore', '--no-index', ...paths], {
    encoding: 'utf8',
  });
  expect(ignored.trim().split('\n')).toEqual(paths);
});
