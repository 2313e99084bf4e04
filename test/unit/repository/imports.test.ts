import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The modules that a fresh process has loaded after running a script against the built code. */
function loadedAfter(script: string, environment: Record<string, string> = {}): string[] {
  const code = `(async () => { ${script}; process.stdout.write(JSON.stringify(Object.keys(require.cache))); })();`;
  const output = execFileSync(process.execPath, ['-e', code], {
    stdio: 'pipe',
    env: {
      ...process.env,
      PAYMENTS_MODE: 'test',
      FIREBASE_CONFIG: '{"projectId":"demo-temp-number"}',
      STRIPE_SECRET_KEY: 'sk_test_standin',
      STRIPE_WEBHOOK_SECRET: 'whsec_standin',
      ...environment,
    },
  });
  return JSON.parse(output.toString()) as string[];
}

const index = './functions/lib/index.js';
const gateway = (name: string) => `./functions/lib/gateways/${name}/gateway.js`;

/** Packages that only the gateway of that name may load. */
const sdks = /node_modules\/(stripe|@paypal|@apple|@googleapis|googleapis|@google-cloud\/pubsub)\//;

beforeAll(() => {
  if (!existsSync(index))
    throw new Error('build the functions first: npm --prefix functions run build');
});

test('importing what is deployed loads no gateway SDK and no firebase-admin/auth', () => {
  const loaded = loadedAfter(`require('${index}')`);
  expect(loaded.length).toBeGreaterThan(50);
  expect(loaded.filter((path) => sdks.test(path))).toEqual([]);
  expect(loaded.filter((path) => /firebase-admin\/lib\/(auth|app-check)\//.test(path))).toEqual([]);
});

test('telling the public keys loads no SDK either', () => {
  const read = `require('./functions/lib/app/public-keys.js').readPublicKeys()`;
  const loaded = loadedAfter(`require('${index}'); ${read}`);
  expect(loaded.filter((path) => sdks.test(path))).toEqual([]);
});

test.each([
  ['stripe', ['stripe']],
  ['paypal', ['@paypal']],
  ['appstore', ['@apple']],
  ['googleplay', ['@googleapis']],
  ['payeer', []],
])('the webhook of %s loads the SDKs %p, and no firebase-admin/auth', (name, expected) => {
  const loaded = loadedAfter(`require('${index}'); require('${gateway(name)}')`);
  const packages = loaded.flatMap((path) => sdks.exec(path)?.[1] ?? []);
  expect([...new Set(packages)]).toEqual(expected);
  expect(loaded.filter((path) => path.includes('firebase-admin/lib/auth/'))).toEqual([]);
});

test('Stripe loads nothing more when it is opened', () => {
  const script = `require('${index}'); require('${gateway('stripe')}').openGateway()`;
  const packages = loadedAfter(script).flatMap((path) => sdks.exec(path)?.[1] ?? []);
  expect([...new Set(packages)]).toEqual(['stripe']);
});

describe('a call that pays, of a user who is known', () => {
  /** Makes the call; where it is answered, its answer is thrown unless it is the expected one. */
  const paid = (status: number) => `
    require('./functions/lib/http/caller.js').authenticate = async () => ({ uid: 'ann' });
    const { endpoint } = require('./functions/lib/http/endpoint.js');
    const { getPaymentIntent } = require('./functions/lib/gateways/stripe/calls.js');
    const handle = endpoint('a-call', getPaymentIntent, async () => ({}));
    const request = { method: 'POST', headers: {}, rawBody: Buffer.from('{"amount":1500}') };
    const response = new (require('node:http').ServerResponse)(request);
    await handle(request, response);
    if (response.statusCode !== ${status}) throw new Error('answered ' + response.statusCode)`;
  const gate = /functions\/lib\/http\/(recaptcha|app-check)\.js$|node_modules\/jose\//;
  const loadedOf = (status: number, environment: Record<string, string>) =>
    loadedAfter(paid(status), environment).filter((path) => gate.test(path));

  test('loads neither reCAPTCHA nor App Check where they are off', () => {
    expect(loadedOf(200, {})).toEqual([]);
  });

  const project = { FIREBASE_CONFIG: '{"projectId":"demo-temp-number"}' };

  test('loads App Check where that is on', () => {
    const loaded = loadedOf(400, { ...project, APP_CHECK_ENABLED: 'true' }).join('\n');
    expect(loaded).toContain('http/app-check.js');
    expect(loaded).toContain('/jose/');
    expect(loaded).not.toContain('recaptcha.js');
  });

  test('loads reCAPTCHA where that is on', () => {
    const given = { RECAPTCHA_SITE_KEY: 'key', APP_ALLOWED_ORIGINS: 'https://app.example.com' };
    const loaded = loadedOf(400, { ...project, ...given });
    expect(loaded.join('\n')).toMatch(/^\S*http\/recaptcha\.js$/);
  });
});
