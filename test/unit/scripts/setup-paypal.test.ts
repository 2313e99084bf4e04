import { webhookEvents } from '../../../functions/src/gateways/paypal/webhook-events.ts';
import { OperatorsProject, type Ran } from '../../harness/project.ts';
import { startPayPal, type PayPalStandin } from '../../standins/paypal/server.ts';
import type { Webhook } from '../../standins/paypal/webhooks.ts';

jest.setTimeout(180_000);

const ADDRESS = 'https://demo-payments.web.app/api/paypal-handleWebhookEvents';
const CREDENTIALS = { PAYPAL_CLIENT_ID: 'client', PAYPAL_MERCHANT_ID: 'MERCHANT' };

let paypal: PayPalStandin;
let project: OperatorsProject;

beforeAll(async () => {
  paypal = await startPayPal({ clientId: 'client', clientSecret: 'hidden', webhookId: 'W1' });
});

afterAll(() => paypal.stop());

beforeEach(() => {
  paypal.control.reset();
  project = operatorsProject();
});

afterEach(() => {
  project.remove();
});

function operatorsProject(variables = {}, secret = 'hidden'): OperatorsProject {
  const own = { PAYMENTS_MODE: 'test', PAYPAL_API_URL: paypal.origin, ...CREDENTIALS };
  return new OperatorsProject({ ...own, ...variables }, { PAYPAL_CLIENT_SECRET: secret });
}

const setUp = (...args: string[]): Promise<Ran> =>
  project.run('scripts/setup-paypal.ts', '--project', 'demo-payments', ...args);

const idsIn = (path: string) => /^PAYPAL_WEBHOOK_ID=(.*)$/m.exec(project.read(path))?.[1];

/** Registers a webhook as the dashboard does. */
async function register(url: string, names: readonly string[]): Promise<Webhook> {
  const call = async (path: string, authorization: string, body: string) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const response = await fetch(`${paypal.origin}${path}`, { method: 'POST', headers, body });
    return (await response.json()) as Record<string, unknown>;
  };
  const basic = Buffer.from('client:hidden').toString('base64');
  const { access_token: token } = await call('/v1/oauth2/token', `Basic ${basic}`, '');
  const body = JSON.stringify({ url, event_types: names.map((name) => ({ name })) });
  const made = await call('/v1/notifications/webhooks', `Bearer ${String(token)}`, body);
  return made as unknown as Webhook;
}

const namesOf = (webhook: Webhook | undefined) =>
  webhook?.event_types.map(({ name }) => name).toSorted();

test('the webhook is made with exactly the events, its id is kept, and a second run changes nothing', async () => {
  const first = await setUp();
  expect([first.code, first.stderr]).toEqual([0, '']);
  const [made, ...others] = paypal.control.webhooks();
  expect([made?.url, namesOf(made), others]).toEqual([ADDRESS, webhookEvents.toSorted(), []]);
  expect(idsIn('functions/.env')).toBe(made?.id);
  expect(first.stdout).toContain('Deploy now: npx firebase deploy --project demo-payments.');
  const before = project.read('functions/.env');

  const second = await setUp();
  expect(second).toMatchObject({ code: 0, stderr: '' });
  expect(second.stdout).toContain('is there');
  expect(second.stdout).not.toContain('Deploy now');
  expect(project.read('functions/.env')).toBe(before);
  expect(first.stdout + second.stdout).not.toContain('hidden');
});

test('a webhook with other events is set right, and ids that PayPal does not list go', async () => {
  const { id } = await register(ADDRESS, ['PAYMENT.SALE.COMPLETED']);
  project.remove();
  project = operatorsProject({ PAYPAL_WEBHOOK_ID: `OLDER1,${id}` });
  const shared = project.read('functions/.env');
  const { stdout } = await setUp();
  expect(stdout).toContain(`corrected  webhook ${id}`);
  expect(namesOf(paypal.control.webhooks()[0])).toEqual(webhookEvents.toSorted());
  // Another project may need what the shared file has.
  expect(stdout).toContain('kept       PAYPAL_WEBHOOK_ID, in functions/.env.demo-payments');
  expect(stdout).toContain('dropped    OLDER1: PayPal lists no such webhook');
  expect(idsIn('functions/.env.demo-payments')).toBe(id);
  expect(project.read('functions/.env')).toBe(shared);
});

test('the webhook of another address stays, its id behind the new one', async () => {
  const older = await register('https://old.example.com/hook', ['*']);
  project.remove();
  project = operatorsProject({ PAYPAL_WEBHOOK_ID: older.id });
  await setUp();
  const made = paypal.control.webhooks().find(({ url }) => url === ADDRESS);
  expect(paypal.control.webhooks()).toHaveLength(2);
  expect(idsIn('functions/.env.demo-payments')).toBe(`${String(made?.id)},${older.id}`);
});

test('the id is written where the project has its own, and all else stays', async () => {
  project.write(
    'functions/.env.demo-payments',
    '# ours\nPAYPAL_WEBHOOK_ID=\nTOPUP_MIN_CENTS=700\n',
  );
  const shared = project.read('functions/.env');
  await setUp();
  const id = String(paypal.control.webhooks()[0]?.id);
  const own = `# ours\nPAYPAL_WEBHOOK_ID=${id}\nTOPUP_MIN_CENTS=700\n`;
  expect(project.read('functions/.env.demo-payments')).toBe(own);
  expect(project.read('functions/.env')).toBe(shared);
});

test('a webhook whose id cannot be kept is removed again', async () => {
  project.write('functions/.env.demo-payments', 'PAYPAL_WEBHOOK_ID="A\nB"\n');
  expect(await setUp()).toMatchObject({ code: 1 });
  expect(paypal.control.webhooks()).toEqual([]);
});

test('what PayPal refuses is said with what to do', async () => {
  for (let n = 0; n < 10; n += 1) await register(`https://example.com/${n}`, ['*']);
  expect((await setUp()).stderr).toContain('ten webhooks');
  project.remove();
  project = operatorsProject({}, 'wrong');
  const { code, stderr } = await setUp();
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining('PAYPAL_CLIENT_ID with PAYPAL_CLIENT_SECRET'),
  ]);
  expect(stderr).not.toContain('wrong');
});
