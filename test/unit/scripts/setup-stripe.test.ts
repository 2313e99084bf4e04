import { webhookEvents } from '../../../functions/src/gateways/stripe/webhook-events.ts';
import { OperatorsProject, type Ran } from '../../harness/project.ts';
import { API_VERSION, type WebhookEndpoint } from '../../standins/stripe/objects.ts';
import { startStripe, type StripeStandin } from '../../standins/stripe/server.ts';

jest.setTimeout(180_000);

const ADDRESS = 'https://pay.example.com/api/stripe-handleWebhookEvents';
const KEY = 'sk_test_1';

let stripe: StripeStandin;
let project: OperatorsProject;

beforeAll(async () => {
  stripe = await startStripe({ apiKey: KEY, webhookSecret: 'whsec_unused' });
});

afterAll(() => stripe.stop());

beforeEach(() => {
  stripe.control.reset();
  project = operatorsProject({});
});

afterEach(() => {
  project.remove();
});

function operatorsProject(secrets: Readonly<Record<string, string>>, mode = 'test') {
  const variables = { PAYMENTS_MODE: mode, STRIPE_API_URL: stripe.origin };
  return new OperatorsProject(variables, { STRIPE_SECRET_KEY: KEY, ...secrets });
}

function setUp(...args: string[]): Promise<Ran> {
  const place = ['--project', 'demo-payments', '--domain', 'pay.example.com'];
  return project.run('scripts/setup-stripe.ts', ...place, ...args);
}

/** Calls Stripe's API as the dashboard does. */
async function atStripe<T>(method: string, path = '', fields = {}): Promise<T> {
  const response = await fetch(`${stripe.origin}/v1/webhook_endpoints${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}` },
    ...(method === 'POST' && { body: new URLSearchParams(fields) }),
  });
  return (await response.json()) as T;
}

const endpoints = async () => (await atStripe<{ data: WebhookEndpoint[] }>('GET')).data;

test('the endpoint is made with exactly the events, its secret is kept, and a second run changes nothing', async () => {
  const first = await setUp();
  expect([first.code, first.stderr]).toEqual([0, '']);
  const made = await endpoints();
  expect(made).toMatchObject([{ url: ADDRESS, status: 'enabled', api_version: API_VERSION }]);
  expect(made[0]?.enabled_events.toSorted()).toEqual(webhookEvents.toSorted());
  const secret = project.secret('STRIPE_WEBHOOK_SECRET') ?? '';
  expect(secret).toMatch(/^whsec_\w+$/);
  expect(first.stdout).toContain(ADDRESS);
  expect(first.stdout).toContain('Deploy now: npx firebase deploy --project demo-payments.');

  const second = await setUp();
  expect(second).toMatchObject({ code: 0, stderr: '' });
  expect(second.stdout).toContain('is there');
  expect(second.stdout).not.toContain('Deploy now');
  expect(await endpoints()).toEqual(made);
  expect(project.secret('STRIPE_WEBHOOK_SECRET')).toBe(secret);
  for (const text of [first.stdout, second.stdout, project.read('calls.jsonl')]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(KEY);
  }
});

test('an endpoint with other events, or disabled, is set right', async () => {
  await setUp();
  const [made] = await endpoints();
  const wrong = { 'enabled_events[0]': 'charge.succeeded', disabled: 'true' };
  await atStripe('POST', `/${String(made?.id)}`, wrong);
  const { stdout } = await setUp();
  expect(stdout).toContain(`${String(made?.id)}: its events, enabled`);
  expect(await endpoints()).toEqual([made]);
});

test('endpoints of other addresses are left alone', async () => {
  const other = { url: 'https://old.example.com/hook', 'enabled_events[0]': '*' };
  const made = await atStripe<WebhookEndpoint>('POST', '', other);
  await setUp();
  await setUp('--replace');
  const all = await endpoints();
  expect(all).toHaveLength(2);
  expect(all.find(({ id }) => id === made.id)).toMatchObject({ enabled_events: ['*'] });
});

test('an endpoint whose secret is not kept says what to do; --replace makes another before it goes', async () => {
  const fields = { url: ADDRESS, 'enabled_events[0]': 'charge.refunded' };
  const old = await atStripe<WebhookEndpoint>('POST', '', fields);
  const told = await setUp();
  expect(told.code).toBe(1);
  expect(told.stderr).toMatch(
    /STRIPE_WEBHOOK_SECRET is not kept.*--project demo-payments.*--replace/,
  );
  expect(await endpoints()).toHaveLength(1);

  const { code } = await setUp('--replace');
  expect(code).toBe(0);
  expect(await endpoints()).toMatchObject([{ url: ADDRESS, api_version: API_VERSION }]);
  const changes = stripe.control.requests().filter(({ method }) => method !== 'GET');
  expect(changes.slice(-2)).toMatchObject([
    { method: 'POST', path: '/v1/webhook_endpoints', status: 200 },
    { method: 'DELETE', path: `/v1/webhook_endpoints/${old.id}`, status: 200 },
  ]);
});

test('the last replaced secret alone stays behind the new one, and it is told', async () => {
  project.remove();
  project = operatorsProject({ STRIPE_WEBHOOK_SECRET: 'whsec_a, whsec_b' });
  const told = await setUp();
  expect(project.secret('STRIPE_WEBHOOK_SECRET')).toMatch(/^whsec_\w+,whsec_a$/);
  expect(told.stdout).toContain(
    'until the new one is set alone: npx firebase functions:secrets:set STRIPE_WEBHOOK_SECRET --project demo-payments',
  );
  const before = project.secret('STRIPE_WEBHOOK_SECRET');
  await setUp('--replace');
  const [now, behind, ...older] = (project.secret('STRIPE_WEBHOOK_SECRET') ?? '').split(',');
  expect([behind, older]).toEqual([before?.split(',')[0], []]);
  expect(now).not.toBe(behind);
});

test('an endpoint whose secret cannot be kept is removed again, and the secret is not told', async () => {
  project.refuseSecrets(true);
  const { code, stderr, stdout } = await setUp();
  expect(code).toBe(1);
  expect(stderr).toContain('could not keep STRIPE_WEBHOOK_SECRET');
  expect(stderr).toContain('403');
  expect(stderr + stdout).not.toContain('whsec_');
  expect(await endpoints()).toEqual([]);

  stripe.control.fault({ match: 'DELETE /v1/webhook_endpoints', status: 500, times: 2 });
  const again = await setUp();
  const [left] = await endpoints();
  expect(again.stderr).toContain(`remove it in Stripe's dashboard`);
  expect(again.stderr).toContain(String(left?.id));
});

test('an old endpoint is not removed when the new one cannot be kept', async () => {
  await setUp();
  const before = await endpoints();
  project.refuseSecrets(true);
  expect(await setUp('--replace')).toMatchObject({ code: 1 });
  expect(await endpoints()).toEqual(before);
});

test('an endpoint of another API version is named', async () => {
  project.remove();
  project = operatorsProject({ STRIPE_WEBHOOK_SECRET: 'whsec_by_hand' });
  const fields = { url: ADDRESS, 'enabled_events[0]': '*', api_version: '2020-08-27' };
  await atStripe('POST', '', fields);
  const { code, stdout } = await setUp();
  expect(code).toBe(0);
  expect(stdout).toContain(`2020-08-27, not ${API_VERSION}: --replace`);
});

test('what Stripe refuses is said with what to do', async () => {
  stripe.control.fault({ match: 'GET /v1/webhook_endpoints', status: 403 });
  expect((await setUp()).stderr).toContain('may not change webhook endpoints');
  stripe.control.fault({ match: 'GET /v1/webhook_endpoints', status: 500, times: 2 });
  expect((await setUp()).stderr).toContain('Stripe did not answer');
  const other = { 'enabled_events[0]': '*' };
  for (let n = 0; n < 16; n += 1) {
    await atStripe('POST', '', { ...other, url: `https://example.com/${n}` });
  }
  expect((await setUp()).stderr).toContain('maximum of 16 webhook endpoints');
});

test.each([
  ['of the other mode', 'sk_live_1', 'STRIPE_SECRET_KEY is not such a key of test mode'],
  ['that Stripe does not know', 'sk_test_2', 'Stripe refuses STRIPE_SECRET_KEY'],
])('a key %s makes nothing', async (_what, key, words) => {
  project.remove();
  project = operatorsProject({ STRIPE_SECRET_KEY: key });
  const { code, stderr, stdout } = await setUp();
  expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
  expect(stderr + stdout).not.toContain(key);
  expect(await endpoints()).toEqual([]);
});

test('a secret that may not be read is not replaced, and no endpoint is made', async () => {
  project.remove();
  project = operatorsProject({ STRIPE_WEBHOOK_SECRET: 'whsec_of_another_domain' });
  project.hideSecrets();
  project.shell['STRIPE_SECRET_KEY'] = KEY;
  const { code, stderr } = await setUp();
  expect(code).toBe(1);
  expect(stderr).toMatch(/STRIPE_WEBHOOK_SECRET cannot be read, so it is not replaced.*403/);
  expect(project.secret('STRIPE_WEBHOOK_SECRET')).toBe('whsec_of_another_domain');
  expect(await endpoints()).toEqual([]);
});

test('what the shell has exported is not kept', async () => {
  const theirs = { PAYMENTS_MODE: 'live', STRIPE_WEBHOOK_SECRET: 'whsec_of_the_shell' };
  Object.assign(project.shell, theirs);
  expect(await setUp()).toMatchObject({ code: 0, stderr: '' });
  expect(project.secret('STRIPE_WEBHOOK_SECRET')).toMatch(/^whsec_\w+$/);
  expect(project.secret('STRIPE_WEBHOOK_SECRET')).not.toContain('shell');
});

test('a gateway that is off is registered with a word', async () => {
  const off = 'STRIPE_ENABLED is not true: events are refused';
  expect((await setUp()).stdout).toContain(off);
  project.write('functions/.env.demo-payments', 'STRIPE_ENABLED=true\n');
  expect((await setUp()).stdout).not.toContain(off);
});

test('without a project, and with a domain that is none, nothing is done', async () => {
  expect(await project.run('scripts/setup-stripe.ts')).toMatchObject({ code: 2, stdout: '' });
  expect(await setUp('--domain', 'https://pay.example.com')).toMatchObject({ code: 2 });
  expect(await setUp('--unknown')).toMatchObject({ code: 2 });
  expect(stripe.control.requests()).toEqual([]);
});
