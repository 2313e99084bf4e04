import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The modules that a fresh process has loaded after running a script against the built code. */
function loadedAfter(script: string): string[] {
  const code = `(async () => { ${script}; process.stdout.write(JSON.stringify(Object.keys(require.cache))); })();`;
  const output = execFileSync(process.execPath, ['-e', code], {
    env: {
      ...process.env,
      PAYMENTS_MODE: 'test',
      STRIPE_SECRET_KEY: 'sk_test_standin',
      STRIPE_WEBHOOK_SECRET: 'whsec_standin',
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

test('a webhook function loads its own SDK only, and no firebase-admin/auth', () => {
  const loaded = loadedAfter(`require('${index}'); require('${gateway('stripe')}').openGateway()`);
  const packages = loaded.flatMap((path) => sdks.exec(path)?.[1] ?? []);
  expect([...new Set(packages)]).toEqual(['stripe']);
  expect(loaded.filter((path) => path.includes('firebase-admin/lib/auth/'))).toEqual([]);
});
