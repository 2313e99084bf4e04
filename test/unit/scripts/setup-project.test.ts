import { parseEnv } from 'node:util';
import { OperatorsProject, type Ran } from '../../harness/project.ts';
import { withVariable } from '../../../scripts/setup/keep.ts';

jest.setTimeout(180_000);

/** The Firebase CLI's own reader of env files. */
const { parse } = jest.requireActual<{
  parse: (text: string) => { envs: Record<string, string> };
}>('firebase-tools/lib/functions/env.js');

const SECRETS = { PLATFONE_API_KEY: 'key-of-platfone' };
const stripe = {
  GATEWAYS: 'stripe',
  PAYMENTS_MODE: 'test',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_1',
  STRIPE_SECRET_KEY: 'sk_test_hidden',
  STRIPE_WEBHOOK_SECRET: 'whsec_hidden',
};

let project: OperatorsProject;

afterEach(() => {
  project.remove();
});

function setUp(answers: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> {
  const lines = Object.entries(answers).map(([name, value]) => `${name}=${value}\n`);
  project.write('answers', lines.join(''));
  const place = ['--project', 'demo-payments', '--domain', 'pay.example.com'];
  return project.run('scripts/setup-project.ts', ...place, '--answers', 'answers', ...args);
}

const OWN = 'functions/.env.demo-payments';

const variables = (path = 'functions/.env') => parseEnv(project.read(path));

test('a new project is set up, the doctor finds it right, and a second run changes nothing', async () => {
  project = new OperatorsProject({}, {});
  const first = await setUp({ ...stripe, ...SECRETS, FUNCTIONS_REGION: 'europe-west1' });
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(first.stdout).toContain('The configuration is right.');
  expect(first.stdout).toContain('PAYMENTS_MODE=test, in functions/.env');
  expect(first.stdout).toContain('npm run setup:stripe -- --project demo-payments');
  expect(variables()).toMatchObject({
    PAYMENTS_MODE: 'test',
    FUNCTIONS_REGION: 'europe-west1',
    STRIPE_ENABLED: 'true',
    PAYPAL_ENABLED: 'false',
  });
  expect(project.secret('STRIPE_SECRET_KEY')).toBe('sk_test_hidden');
  expect(project.secret('PLATFONE_API_KEY')).toBe('key-of-platfone');
  for (const text of [first.stdout, project.read('calls.jsonl'), project.read('functions/.env')]) {
    expect(text).not.toMatch(/hidden|key-of-platfone/);
  }

  const before = [project.read('functions/.env'), project.read('secrets.json')];
  const second = await setUp({ GATEWAYS: 'stripe' });
  expect([second.code, second.stdout]).toEqual([
    0,
    expect.stringContaining('Nothing has changed.'),
  ]);
  expect([project.read('functions/.env'), project.read('secrets.json')]).toEqual(before);
});

test('rules and indexes go to the database that is set; set back, firebase.json is as it was shipped', async () => {
  const database = { FIRESTORE_DATABASE: 'payments' };
  project = new OperatorsProject({ PAYMENTS_MODE: 'test', ...database }, SECRETS);
  const shipped = project.read('firebase.json');
  const named = await setUp({ GATEWAYS: '' });
  expect([named.code, named.stderr]).toEqual([0, '']);
  expect(named.stdout).toContain('set        firestore.database=payments, in firebase.json');
  expect(named.stdout).toContain('npx firebase firestore:databases:create payments --project');
  expect(named.stdout).toMatch(/✓ firestore.database +is payments\n/);
  const { firestore, ...others } = JSON.parse(shipped) as { firestore: object };
  expect(JSON.parse(project.read('firebase.json'))).toEqual({
    firestore: { ...firestore, database: 'payments' },
    ...others,
  });

  const back = { GATEWAYS: '', FIRESTORE_DATABASE: '(default)' };
  const left = await setUp(back);
  expect(left.stdout).toContain('left       FIRESTORE_DATABASE: it has another value');
  expect(left.stdout).toMatch(/✓ firestore.database +is payments\n/);
  expect((await setUp(back, '--overwrite')).code).toBe(0);
  expect(project.read('firebase.json')).toBe(shipped);
});

test('a gateway that is not chosen any more drains, and one that drains or is off stays so', async () => {
  const on = {
    PAYMENTS_MODE: 'test',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_1',
    STRIPE_ENABLED: 'true',
    PAYPAL_ENABLED: 'draining',
    PAYEER_ENABLED: 'false',
  };
  project = new OperatorsProject(on, SECRETS);
  // An answers file that forgets a gateway does not take it from the buyers.
  const { stdout } = await setUp({ GATEWAYS: 'paypal' });
  expect(stdout).toContain('left       STRIPE_ENABLED');
  expect(stdout).toContain('npm run setup:stripe');
  expect(variables(OWN)).toEqual({ PAYPAL_ENABLED: 'true' });

  await setUp({ GATEWAYS: '' }, '--overwrite');
  expect(variables(OWN)).toEqual({ STRIPE_ENABLED: 'draining', PAYPAL_ENABLED: 'draining' });
  expect(parseEnv(project.read('functions/.env'))).toEqual(on);
});

test('answers that do not fit change nothing, and are named in the doctor’s words', async () => {
  project = new OperatorsProject({}, {});
  const wrong = { ...stripe, ...SECRETS, PAYMENTS_MODE: 'live', FUNCTIONS_REGION: 'moon-1' };
  const { code, stderr } = await setUp(wrong);
  expect(code).toBe(1);
  expect(stderr).toContain('Nothing was changed');
  expect(stderr).toContain('FUNCTIONS_REGION must be a region of Cloud Functions');
  expect(stderr).toContain('STRIPE_SECRET_KEY is not such a key of live mode');
  expect(stderr).not.toContain('hidden');
  expect([project.read('functions/.env'), project.read('secrets.json')]).toEqual(['', '{}']);
  expect((await setUp({ ...stripe, GATEWAYS: 'strype' })).stderr).toContain('GATEWAYS has strype');
  expect((await setUp({ ...stripe, STRIPE_KEY: 'x' })).stderr).toContain('there is no STRIPE_KEY');
});

test('what is there is replaced only when it is allowed', async () => {
  project = new OperatorsProject({ PAYMENTS_MODE: 'test', TOPUP_MIN_CENTS: '700' }, SECRETS);
  const answers = { GATEWAYS: '', TOPUP_MIN_CENTS: '900', PLATFONE_API_KEY: 'another-key' };
  const left = await setUp(answers);
  expect(left.stdout).toContain('left       TOPUP_MIN_CENTS');
  expect(variables()).toMatchObject({ TOPUP_MIN_CENTS: '700' });
  expect(project.secret('PLATFONE_API_KEY')).toBe('key-of-platfone');

  const { stdout } = await setUp(answers, '--overwrite');
  expect(stdout).toContain('replaced   PLATFONE_API_KEY, in Secret Manager');
  expect(stdout).not.toContain('another-key');
  expect(variables(OWN)).toEqual({ TOPUP_MIN_CENTS: '900' });
  expect(project.secret('PLATFONE_API_KEY')).toBe('another-key');
});

test('the address that a gateway calls follows from the domain, and each gateway’s is printed', async () => {
  project = new OperatorsProject({ PAYMENTS_MODE: 'test' }, SECRETS);
  const { stdout } = await setUp({
    GATEWAYS: 'cryptomus,payeer',
    CRYPTOMUS_MERCHANT_ID: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    CRYPTOMUS_PAYMENT_KEY: 'hidden',
  });
  const address = 'https://pay.example.com/api/cryptomus-handleWebhookEvents';
  expect(variables()['CRYPTOMUS_CALLBACK_URL']).toBe(address);
  expect(stdout).toContain('nothing to register: every order carries CRYPTOMUS_CALLBACK_URL');
  expect(stdout).not.toContain(`paste ${address}`);
  expect(stdout).toContain(
    'paste https://us-central1-demo-payments.cloudfunctions.net/payeer-handleWebhookEvents',
  );
  // What was not answered is left, and the doctor names it.
  expect(stdout).toMatch(/✗ PAYEER_MERCHANT_ID/);
});

test.each([
  'plain',
  '',
  '{"credits_500":500,"b":2}',
  'two words',
  'a#b',
  '$& and $1',
  'a=b',
  '"q"',
])(
  'the value %j is read back by the Firebase CLI and by Node, and the other lines stay',
  (value) => {
    project = new OperatorsProject({}, {});
    const text = '# One\nA=1 # first\n\nX=old # of X\n# B=2\n';
    const written = withVariable(text, 'X', value);
    expect(parse(written).envs).toEqual({ A: '1', X: value });
    expect(parseEnv(written)).toEqual({ A: '1', X: value });
    const appended = withVariable(withVariable(text, 'B', value), 'C', 'c');
    expect(parseEnv(appended)).toEqual({ A: '1', X: 'old', B: value, C: 'c' });
  },
);

test.each(["it's", 'a\nb', 'a\\b'])('the value %j is refused', (value) => {
  project = new OperatorsProject({}, {});
  expect(() => withVariable('', 'X', value)).toThrow('X cannot be written on one line');
});

test.each([
  ['A=1\nX=1\nX=2\n', 'A=1\nX=1\nX=3\n'],
  ['export X=1\n', 'X=3\n'],
  [' X = 1 # first\r\nA=1\r\n', 'X=3\r\nA=1\r\n'],
  ['# X=0\nX =1', '# X=0\nX=3'],
  ['', 'X=3\n'],
  ['A=1', 'A=1\nX=3\n'],
])('in the lines %j the one that counts is set', (text, wanted) => {
  project = new OperatorsProject({}, {});
  const is = withVariable(text, 'X', '3');
  expect([is, parse(is).envs['X'], parseEnv(is)['X']]).toEqual([wanted, '3', '3']);
});

test.each(['X="a\nb"\n', 'A="\nX=1\n"\n'])('beside the lines %j nothing is set', (text) => {
  project = new OperatorsProject({}, {});
  expect(() => withVariable(text, 'X', 'c')).toThrow('set it by hand');
});
