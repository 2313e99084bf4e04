import { readdirSync, readFileSync } from 'node:fs';
import * as deployed from '../../../functions/src/index.ts';
import { aliases } from '../../../scripts/hosting/aliases.ts';
import { rewritesOf } from '../../../scripts/hosting/rewrites.ts';

type Groups = Parameters<typeof rewritesOf>[0];

const groups = deployed as unknown as Groups;
const { hosting } = JSON.parse(readFileSync('firebase.json', 'utf8')) as {
  hosting: { public: string; rewrites: { source: string; function: string }[] };
};
const passedOn = hosting.rewrites.map((rewrite) => rewrite.function);

test('firebase.json has the addresses of the functions and the aliases, and no other', () => {
  if (JSON.stringify(hosting.rewrites) !== JSON.stringify(rewritesOf(groups, aliases))) {
    throw new Error('firebase.json is behind the functions: npm run hosting, and commit it');
  }
});

test('every function is on Hosting, but for staff calls, schedules and webhooks held to addresses', () => {
  const others = Object.entries(groups).flatMap(([group, entries]) =>
    Object.keys(entries)
      .map((entry) => `${group}-${entry}`)
      .filter((name) => !passedOn.includes(name)),
  );
  const isForStaff = /^staff-|-(recheck|previewRefund|refund)$/;
  const isSchedule = /-(reconcile|eraseCustomers|retryUnsynced|finishPurchases)$/;
  const rest = others.filter((name) => !isForStaff.test(name) && !isSchedule.test(name));
  expect(rest).toEqual(['anypay-handleWebhookEvents', 'payeer-handleWebhookEvents']);
  expect(passedOn).toEqual(
    expect.arrayContaining(['stripe-handleWebhookEvents', 'app-getBalance', 'payeer-createOrder']),
  );
});

test('a webhook is held to addresses exactly where the gateway looks at them', () => {
  const folder = 'functions/src/gateways';
  const looking = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /^\w+\/.*\.ts$/.test(path))
    .filter((path) => /checkSourceAddress\(|clientAddress/.test(read(`${folder}/${path}`)))
    .map((path) => path.split('/')[0]);
  const held = Object.entries(groups).flatMap(([group, { handleWebhookEvents }]) => {
    const published = handleWebhookEvents?.published;
    return published?.kind === 'webhook' && published.isHeldToAddresses ? [group] : [];
  });
  expect(held).toEqual([...new Set(looking)].toSorted());
  expect(held).not.toEqual([]);
});

const read = (path: string): string => readFileSync(path, 'utf8');

test('an address that was never ours is answered by a page of its own', () => {
  expect(readdirSync(hosting.public)).toEqual(['404.html']);
  expect(hosting.rewrites.filter(({ source }) => source.includes('*'))).toEqual([]);
});

test('an alias is a further name of a function', () => {
  const alias = { '/api/stripeWebhook': 'stripe-handleWebhookEvents' };
  const rewrites = rewritesOf(groups, alias);
  expect(rewrites).toHaveLength(rewritesOf(groups, {}).length + 1);
  expect(rewrites).toContainEqual({
    source: '/api/stripeWebhook',
    function: 'stripe-handleWebhookEvents',
  });
});

test.each([
  ['no function', '/api/old', 'stripe-webhook', 'leads to stripe-webhook'],
  ['a call of the staff', '/api/old', 'staff-find', 'leads to staff-find'],
  ['a schedule', '/api/old', 'sync-retryUnsynced', 'leads to sync-retryUnsynced'],
  ['a webhook held to addresses', '/api/old', 'payeer-handleWebhookEvents', 'leads to payeer'],
  ['an address with a pattern', '/api/**', 'app-getBalance', 'is not a path of its own'],
  ['no path', 'api/old', 'app-getBalance', 'is not a path of its own'],
  ['another function’s address', '/api/app-getBalance', 'app-getPayment', 'not a path of its own'],
])('an alias that is %s is refused', (_what, source, name, words) => {
  expect(() => rewritesOf(groups, { [source]: name })).toThrow(words);
});
