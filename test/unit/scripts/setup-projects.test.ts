import { generateKeyPairSync } from 'node:crypto';
import { parseEnv } from 'node:util';
import { OperatorsProject, type Ran } from '../../harness/project.ts';

/** `npm run setup` where a file, a shell or Secret Manager does not hold what it seems to. */

jest.setTimeout(180_000);

const SECRETS = { PLATFONE_API_KEY: 'key-of-platfone' };
const SHARED = 'functions/.env';
const OWN = 'functions/.env.demo-payments';
const SCRIPT = 'scripts/setup-project.ts';
const PLACE = ['--project', 'demo-payments', '--domain', 'pay.example.com'];

let project: OperatorsProject;

afterEach(() => {
  project.remove();
});

function setUp(answers: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> {
  const lines = Object.entries(answers).map(([name, value]) => `${name}=${value}\n`);
  project.write('answers', lines.join(''));
  return project.run(SCRIPT, ...PLACE, '--answers', 'answers', ...args);
}

test('a second project does not change the settings of the first', async () => {
  project = new OperatorsProject({ PAYMENTS_MODE: 'test', TOPUP_MIN_CENTS: '' }, SECRETS);
  const first = project.read(SHARED);
  const answers = { GATEWAYS: '', PAYMENTS_MODE: 'live', TOPUP_MIN_CENTS: '900' };
  const { stdout } = await setUp(answers, '--overwrite');
  expect(stdout).toContain(`PAYMENTS_MODE=live, in ${OWN}`);
  expect(project.read(SHARED)).toBe(first);
  expect(project.read(OWN)).toBe('PAYMENTS_MODE=live\nTOPUP_MIN_CENTS=900\n');
});

test('a project with a file of its own is set up there', async () => {
  project = new OperatorsProject({ PAYMENTS_MODE: 'test' }, SECRETS);
  project.write(OWN, '# ours\n');
  const first = project.read(SHARED);
  await setUp({ GATEWAYS: '', TOPUP_MIN_CENTS: '900' });
  expect([project.read(SHARED), project.read(OWN)]).toEqual([
    first,
    '# ours\nTOPUP_MIN_CENTS=900\n',
  ]);
});

test('variables and secrets of the shell are not those of the project', async () => {
  project = new OperatorsProject({}, {});
  Object.assign(project.shell, { PAYMENTS_MODE: 'test', ...SECRETS });
  const { code, stdout } = await setUp({ GATEWAYS: '', PAYMENTS_MODE: 'test', ...SECRETS });
  expect(stdout).toContain(`set        PAYMENTS_MODE=test, in ${SHARED}`);
  expect(parseEnv(project.read(SHARED))).toMatchObject({ PAYMENTS_MODE: 'test' });
  expect(project.secret('PLATFONE_API_KEY')).toBe('key-of-platfone');
  expect(code).toBe(0);
});

test('a secret that may not be read is replaced only when it is allowed', async () => {
  project = new OperatorsProject({ PAYMENTS_MODE: 'test' }, SECRETS);
  project.hideSecrets();
  const answers = { GATEWAYS: '', PLATFONE_API_KEY: 'another-key' };
  const { stdout } = await setUp(answers);
  expect(stdout).toContain('left       PLATFONE_API_KEY: it cannot be read, and may have a value');
  expect(project.secret('PLATFONE_API_KEY')).toBe('key-of-platfone');
  await setUp(answers, '--overwrite');
  expect(project.secret('PLATFONE_API_KEY')).toBe('another-key');
});

test('secrets are kept before variables, and a failure tells what was written', async () => {
  project = new OperatorsProject({}, {});
  project.refuseSecrets(true, 'STRIPE_WEBHOOK_SECRET');
  const { code, stderr } = await setUp({
    ...SECRETS,
    GATEWAYS: 'stripe',
    PAYMENTS_MODE: 'test',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_1',
    STRIPE_SECRET_KEY: 'sk_test_hidden',
    STRIPE_WEBHOOK_SECRET: 'whsec_hidden',
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/could not keep STRIPE_WEBHOOK_SECRET.*HTTP Error: 403/);
  expect(stderr).toContain('Written before that: PLATFONE_API_KEY, STRIPE_SECRET_KEY.');
  expect(stderr).not.toContain('hidden');
  expect(project.read(SHARED)).toBe('');
});

test('a variable that cannot be written keeps the secrets as they are', async () => {
  project = new OperatorsProject({ PAYMENTS_MODE: 'test' }, {});
  project.write(OWN, 'STORE_REVIEWER_UIDS="a\nb"\n');
  const answers = { ...SECRETS, GATEWAYS: '', STORE_REVIEWER_UIDS: 'c' };
  const { code, stderr } = await setUp(answers, '--overwrite');
  expect([code, stderr]).toEqual([1, expect.stringContaining('set it by hand')]);
  expect(project.read('secrets.json')).toBe('{}');
});

test('every command that is left to do names the project and its arguments', async () => {
  project = new OperatorsProject({ PAYMENTS_MODE: 'test' }, SECRETS);
  const { stdout } = await setUp({ GATEWAYS: 'googleplay,wayforpay' });
  const endpoint = 'https://pay.example.com/api/googleplay-handleWebhookEvents';
  expect(stdout).toContain(
    `setup:googleplay -- --project demo-payments --project-number <number> --endpoint ${endpoint} --sender <`,
  );
  expect(stdout).toContain('every order carries WAYFORPAY_CALLBACK_URL');
  expect(stdout).toContain('--only firestore:indexes --project demo-payments, and wait');
  expect(stdout).toContain('npx firebase deploy --project demo-payments (');
});

test.each([
  [['--domain', 'https://pay.example.com/'], '--domain'],
  [['--domain'], '--domain'],
  [['--overwrit'], '--overwrit'],
  [['more'], 'more'],
])('the arguments %j are refused', async (args, words) => {
  project = new OperatorsProject({}, {});
  project.write('answers', 'GATEWAYS=\nPAYMENTS_MODE=test\n');
  const place = ['--project', 'demo-payments', '--answers', 'answers'];
  const { code, stderr } = await project.run(SCRIPT, ...place, ...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
  expect(project.read(SHARED)).toBe('');
});

/** Answers to what is asked first; empty takes what is suggested. */
const first = (gateways: string, mode: string) =>
  [
    ['GATEWAYS', `${gateways}\r`],
    ['PAYMENTS_MODE', `${mode}\r`],
    ['FUNCTIONS_REGION', '\r'],
  ] as const;

describe('at a terminal', () => {
  test('a secret is shown neither while it is typed nor by the arrow up', async () => {
    project = new OperatorsProject({ PAYMENTS_MODE: 'test' }, {});
    const { shown } = await project.talk(SCRIPT, PLACE, [
      ...first('stripe', ''),
      ['PLATFONE_API_KEY', 'hidden\r'],
      ['STRIPE_PUBLISHABLE_KEY', '\u001b[A\r'],
      ['STRIPE_SECRET_KEY', '\r'],
      ['STRIPE_WEBHOOK_SECRET', '\r'],
    ]);
    expect(shown).toContain('PLATFONE_API_KEY, in Secret Manager');
    expect(project.secret('PLATFONE_API_KEY')).toBe('hidden');
    expect(shown).not.toContain('hidden');
    expect(project.read(OWN) + project.read(SHARED)).not.toContain('hidden');
  });

  test('Ctrl-C at a later question leaves all as it was', async () => {
    const variables = { PAYMENTS_MODE: 'test', TOPUP_MIN_CENTS: 'few' };
    project = new OperatorsProject(variables, { PLATFONE_API_KEY: 'two words' });
    const before = project.read(SHARED);
    const { code, shown } = await project.talk(SCRIPT, PLACE, [
      ...first('', 'live'),
      ['TOPUP_MIN_CENTS', '700\r'],
      ['PLATFONE_API_KEY', 'another\r'],
      [`PAYMENTS_MODE is test. Replace it by live, in ${OWN}? [y/N]`, 'y\r'],
      ['Replace it', 'y\r'],
      ['PLATFONE_API_KEY has another value. Replace it, in Secret Manager?', '\u0003'],
    ]);
    expect(shown).toContain('PLATFONE_API_KEY has another value. Replace it, in Secret Manager?');
    expect([code, shown]).toEqual([130, expect.not.stringContaining('replaced')]);
    expect([project.read(SHARED), project.read(OWN)]).toEqual([before, '']);
    expect(project.secret('PLATFONE_API_KEY')).toBe('two words');
  });

  test('a secret of several lines is taken from a file, and not shown when it is pasted', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    project = new OperatorsProject({ PAYMENTS_MODE: 'test', STORE_PRODUCTS: '{"a":500}' }, SECRETS);
    project.write('key.p8', key);
    const { shown } = await project.talk(SCRIPT, PLACE, [
      ...first('appstore', ''),
      ['APPSTORE_BUNDLE_ID', 'com.example.app\r'],
      ['APPSTORE_PRIVATE_KEY', key.replaceAll('\n', '\r')],
      ['Only one line arrives: give @', ''],
      ['APPSTORE_PRIVATE_KEY', '@none.p8\r'],
      ['no such file', ''],
      ['APPSTORE_PRIVATE_KEY', '@key.p8\r'],
      ['APPSTORE_KEY_ID', 'ABCDEFGHIJ\r'],
      ['APPSTORE_ISSUER_ID', 'f47ac10b-58cc-4372-a567-0e02b2c3d479\r'],
    ]);
    expect(shown).toContain('APPSTORE_PRIVATE_KEY, in Secret Manager');
    expect(project.secret('APPSTORE_PRIVATE_KEY')).toBe(key);
    for (const line of key.split('\n').filter((one) => one !== '')) {
      expect(shown).not.toContain(line);
    }
  });
});
