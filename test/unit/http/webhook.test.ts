import {
  Conflict,
  Misconfigured,
  PaymentsError,
  Unauthentic,
  Unavailable,
  Unusable,
} from '../../../functions/src/errors.ts';
import type { Gateway, GatewayEvent } from '../../../functions/src/gateway.ts';
import { webhook } from '../../../functions/src/http/webhook.ts';
import { Ledger } from '../../../functions/src/ledger/ledger.ts';
import { toPaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import type { Movement, Reported } from '../../../functions/src/movement.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { logFromNow } from '../../harness/log.ts';
import { told, useOwnFirestore } from '../../harness/own-firestore.ts';
import { post as postTo } from '../../harness/post.ts';
import { startRetailApi, type RetailApi } from '../../standins/retail-api.ts';

const BUDGET_MS = 1_500;
const own = useOwnFirestore();
let retail: RetailApi;

beforeAll(async () => {
  retail = await startRetailApi({ apiKey: 'retail-standin' });
  setEnvironment({
    PAYMENTS_MODE: 'test',
    PLATFONE_API_KEY: 'retail-standin',
    PLATFONE_API_URL: retail.url,
    PLATFONE_CALLS_PER_SECOND: '1000',
    PUSH_BUDGET_MS: String(BUDGET_MS),
  });
});

beforeEach(() => {
  own().server.hang(false);
  own().server.refuse(0);
  retail.control.reset();
});

afterAll(() => retail.stop());

const payment: Movement = {
  id: 'pay1',
  kind: 'payment',
  uid: 'ann',
  amountCents: 1500,
  parentId: null,
  orderId: '0123456789abcdef0123456789abcdef',
  mode: 'test',
  occurredAt: new Date(0),
};
const refund: Movement = {
  ...payment,
  id: 're1',
  kind: 'refund',
  amountCents: -500,
  parentId: 'pay1',
};
const review = { orderId: payment.orderId ?? '', uid: 'ann' };

const EVENT: GatewayEvent = { id: 'evt1', type: 'something' };

function gatewayOf(changes: Partial<Gateway<GatewayEvent>>): Gateway<GatewayEvent> {
  return { verify: async () => EVENT, movements: async () => [], ...changes };
}

const reporting = (...reported: Reported[]) => gatewayOf({ movements: async () => reported });

const failing = (part: 'verify' | 'movements', error: Error) =>
  gatewayOf({
    [part]: async () => {
      throw error;
    },
  });

const options = { contentType: 'text/plain', provenBy: 'SOME_SECRET' };
const handlerOf = (gateway: Gateway<GatewayEvent>, maxBytes = 100) =>
  webhook('somegateway', { ...options, maxBytes }, async () => gateway);

/** What the webhook of a gateway answers, and the bytes of the answer. */
const post = (
  gateway: Gateway<GatewayEvent>,
  { method = 'POST', body = 'x', maxBytes = 100, handler = handlerOf(gateway, maxBytes) } = {},
) => postTo(handler, { method, headers: {}, body: Buffer.from(body) });

/** How an event ends in the books, what it finds there, and what must be there after a 200. */
interface Way {
  readonly gateway: Gateway<GatewayEvent>;
  readonly before?: Gateway<GatewayEvent>;
  readonly stored: () => Promise<unknown>;
  /** What a person, or the schedule, is told. */
  readonly line: string;
}

const rowIs = (id: string) => async () =>
  (await own().all('tn_payments')).find((row) => row['payment_id'] === `somegateway_${id}`);
const parkedAs = (reason: string) => async () =>
  (await own().all('tn_parked_events')).find((event) => event['reason'] === reason);

const ways: Record<string, Way> = {
  'a payment becomes a row': {
    gateway: reporting(payment),
    stored: rowIs('pay1'),
    line: 'INFO a row was written',
  },
  'a correction becomes a row': {
    before: reporting(payment),
    gateway: reporting(refund),
    stored: rowIs('re1'),
    line: 'INFO a row was written',
  },
  'no row can be made of an event': {
    gateway: failing('movements', new Unusable('The event is odd.')),
    stored: parkedAs('unusable'),
    line: 'ERROR The event is odd.',
  },
  'an event is proven and cannot be read': {
    gateway: failing('verify', new Unusable('The event is unreadable.')),
    stored: parkedAs('unusable'),
    line: 'ERROR The event is unreadable.',
  },
  'no row can be made of one of the movements': {
    gateway: reporting(payment, new Unusable('A part is odd.', { about: 're9' })),
    stored: parkedAs('unusable'),
    line: 'ERROR A part is odd.',
  },
  'the ledger could not hold a movement': {
    gateway: reporting({ ...payment, uid: 'a/b' }),
    stored: parkedAs('unusable'),
    line: 'ERROR No row can be made: the uid is not one of Firebase.',
  },
  'a correction comes before its payment': {
    gateway: reporting(refund),
    stored: parkedAs('too_early'),
    line: 'WARNING The payment it corrects is not in the ledger yet.',
  },
  'a payment id is taken': {
    before: reporting(payment),
    gateway: reporting({ ...payment, amountCents: 1600 }),
    stored: parkedAs('conflict'),
    line: 'ERROR The gateway reports 16.00 USD, and the row has 15.00 USD.',
  },
  'a gateway itself finds a conflict': {
    gateway: failing('movements', new Conflict('Two stories.')),
    stored: parkedAs('conflict'),
    line: 'ERROR Two stories.',
  },
  'a correction takes more than its payment gave': {
    before: reporting(payment),
    gateway: reporting({ ...refund, amountCents: -1501 }),
    stored: parkedAs('conflict'),
    line: 'ERROR A refund takes 15.01 USD of a payment of 15.00 USD, of which 15.00 USD are left.',
  },
  'a review is opened': {
    gateway: reporting({ ...review, review: 'opened' }),
    stored: async () => (await own().all('tn_reviews'))[0],
    line: '',
  },
  'a review is closed': {
    before: reporting({ ...review, review: 'opened' }),
    gateway: reporting({ ...review, review: 'closed' }),
    stored: async () => ((await own().all('tn_reviews')).length === 0 ? true : undefined),
    line: '',
  },
};

/** How many calls of Firestore an event takes. */
async function stepsOf({ gateway, before }: Way): Promise<number> {
  if (before !== undefined) await post(before);
  own().server.resetRpcs();
  await post(gateway);
  return Object.values(own().server.rpcs()).reduce((sum, calls) => sum + calls, 0);
}

describe.each(Object.entries(ways))('%s', (_name, way) => {
  const { gateway, before, stored, line } = way;

  test('Firestore fails at one step: 503, or it is stored', async () => {
    const statuses: number[] = [];
    const steps = await stepsOf(way);
    for (let step = 1; step <= steps; step += 1) {
      own().server.clear();
      if (before !== undefined) await post(before);
      own().server.refuse(step);
      const { status } = await post(gateway);
      own().server.refuse(0);
      // At the moment of the answer, and not a little later.
      if (status === 200) expect([step, await stored()]).not.toEqual([step, undefined]);
      statuses.push(status);
      expect((await post(gateway)).status).toBe(200);
      expect(await stored()).toBeDefined();
    }
    expect(statuses).toContain(503);
  });

  test('the log has its line, of its severity', async () => {
    if (before !== undefined) await post(before);
    const logged = logFromNow();
    await post(gateway);
    const lines = told(logged()).filter((one) => !one.includes('Retail API'));
    if (line === '') expect(lines).toEqual([]);
    else expect(lines).toContain(line);
    const alerts = lines.filter((one) => one.startsWith('ERROR'));
    expect(alerts).toEqual(line.startsWith('ERROR') ? [line] : []);
  });
});

test('Firestore hangs: 503, whatever becomes of the event', async () => {
  const gateways = Object.values(ways).map(({ gateway }) => gateway);
  own().server.hang(true);
  const answers = await Promise.all(gateways.map((gateway) => post(gateway)));
  own().server.hang(false);
  expect(answers.map(({ status }) => status)).toEqual(gateways.map(() => 503));
  // What hung is served now, and leaves nothing for the next test.
  for (const gateway of gateways) expect((await post(gateway)).status).toBe(200);
});

test('a row whose push did not go through is due when the budget of its push is over', async () => {
  retail.control.down(true);
  await post(reporting(payment));
  const row = await own().read('tn_payments/somegateway_pay1');
  const [created, due] = [
    row?.['created_at'],
    row?.['next_sync_at'],
  ] as FirebaseFirestore.Timestamp[];
  expect((due?.toMillis() ?? 0) - (created?.toMillis() ?? 0)).toBe(BUDGET_MS);
});

test('Firestore hangs after the push: still 200', async () => {
  retail.control.addCustomer('ann');
  const posted = post(
    gatewayOf({
      movements: async () => {
        // The row is the first call.
        own().server.refuse(2);
        return [payment];
      },
    }),
  );
  expect((await posted).status).toBe(200);
  expect(await own().read('tn_payments/somegateway_pay1')).toMatchObject({ is_synced: false });
  expect(retail.control.balance('ann')).toBe(1500);
});

describe('an account that was deleted', () => {
  const erased = { ...payment, uid: '(deleted account)' };

  test('is paid: a person is told with each report, and nothing is pushed', async () => {
    const logged = logFromNow();
    await post(reporting(erased));
    await post(reporting(erased));
    const alerts = logged().filter((one) => one.includes('ERROR'));
    const line = {
      severity: 'ERROR',
      message: 'a payment came for a deleted account: pay it back',
      next_step: "Pay the money back in the gateway's dashboard.",
      gateway: 'somegateway',
      payment_id: 'somegateway_pay1',
    };
    expect(alerts.map((one) => JSON.parse(one) as unknown)).toEqual([line, line]);
    expect(retail.control.requests()).toEqual([]);
  });

  test('has a correction: that is no alert, and is told once', async () => {
    await post(reporting(erased));
    const logged = logFromNow();
    await post(reporting({ ...refund, uid: erased.uid }));
    await post(reporting({ ...refund, uid: erased.uid }));
    const lines = told(logged()).filter((one) => !one.startsWith('INFO'));
    expect(lines).toEqual(['WARNING a correction of a deleted account is not pushed']);
    expect(retail.control.requests()).toEqual([]);
  });
});

test('what a person should know of a movement is told once', async () => {
  const logged = logFromNow();
  const noticed = reporting({ ...payment, notice: 'an order was paid twice' });
  await post(noticed);
  await post(noticed);
  const lines = logged().filter((one) => one.includes('paid twice'));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    severity: 'ERROR',
    next_step: 'npm run ops -- story <payment_id>',
    payment_id: 'somegateway_pay1',
  });
});

test('what a person should know is told when the process died after it wrote the row', async () => {
  const died = new Date(Date.now() - 60_000);
  await new Ledger(own().firestore).record(toPaymentRow('somegateway', payment), died, BUDGET_MS);
  const logged = logFromNow();
  await post(reporting({ ...payment, notice: 'an order was paid twice' }));
  expect(told(logged())).toContain('ERROR an order was paid twice');
});

test.each<[string, Error, number, string]>([
  ['an unproven request', new Unauthentic('The signature is wrong.'), 401, 'WARNING'],
  ['an API that does not answer', new Unavailable('It did not answer.'), 503, 'WARNING'],
  ['a wrong setting', new Misconfigured('Configuration: X is missing'), 500, 'ERROR'],
  ['a bug', new TypeError('x is undefined'), 500, 'ERROR'],
])('%s leaves one line that names the gateway', async (_name, error, status, severity) => {
  for (const part of ['verify', 'movements'] as const) {
    const logged = logFromNow();
    expect((await post(failing(part, error))).status).toBe(status);
    const lines = logged().map((one) => JSON.parse(one) as unknown);
    const isOurs = error instanceof PaymentsError;
    expect(lines).toEqual([
      expect.objectContaining({
        severity,
        message: isOurs ? error.message : 'unexpected error',
        gateway: 'somegateway',
        error: error.name,
      }),
    ]);
  }
  expect(await own().all('tn_parked_events')).toEqual([]);
});

test('an alert names the event, and what it is about where the gateway gives that an id', async () => {
  const logged = logFromNow();
  await post(
    reporting(new Unusable('Odd.', { about: 're_9' }), new Unusable('Odder.', { about: 'a b' })),
  );
  const [first, second] = logged().map((one) => JSON.parse(one) as unknown);
  const names = { gateway: 'somegateway', event_id: 'evt1', event_type: 'something' };
  const next_step: unknown = expect.stringContaining('npm run ops -- parked');
  const common = { severity: 'ERROR', ...names, reason: 'unusable', next_step };
  expect(first).toEqual({ ...common, message: 'Odd.', about: 're_9' });
  expect(second).toEqual({ ...common, message: 'Odder.' });
});

test('the answer is the gateway’s own; without one it is an empty 200', async () => {
  expect(await post(gatewayOf({}))).toEqual({ status: 200, type: 'text/plain', text: '' });
  const acknowledge = (event: GatewayEvent) => ({
    contentType: 'application/json',
    body: `"${event.id}"`,
  });
  expect(await post(gatewayOf({ acknowledge }))).toEqual({
    status: 200,
    type: 'application/json',
    text: '"evt1"',
  });
});

test('an event is parked as the gateway traces it; an unreadable one under the hash of its bytes', async () => {
  const trace = () => ({ id: 'evt2', type: 'traced' });
  await post({ ...failing('movements', new Unusable('Odd.')), trace });
  expect(await own().all('tn_parked_events')).toMatchObject([
    { event: { id: 'evt2', type: 'traced' } },
  ]);
  own().server.clear();
  await post(failing('verify', new Unusable('Odd.')), { body: 'one' });
  await post(failing('verify', new Unusable('Odd.')), { body: 'other' });
  const ids = (await own().all('tn_parked_events')).map(
    ({ event }) => (event as { id: string }).id,
  );
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  own().server.clear();
  const named = failing('verify', new Unusable('Odd.', { about: 'one' }));
  for (const body of ['one', 'other']) await post(named, { body });
  expect(await own().all('tn_parked_events')).toMatchObject([{ event: { id: 'one' } }]);
});

test('a body of the most bytes is taken, and one byte more is not', async () => {
  expect((await post(gatewayOf({}), { body: 'x'.repeat(5), maxBytes: 5 })).status).toBe(200);
  expect((await post(gatewayOf({}), { body: 'x'.repeat(6), maxBytes: 5 })).status).toBe(413);
  expect((await post(gatewayOf({}), { method: 'GET' })).status).toBe(405);
});

test('a webhook that only refuses is one alert, which names the setting', async () => {
  const logged = logFromNow();
  const handler = handlerOf(failing('verify', new Unauthentic('The signature is wrong.')));
  for (let count = 0; count < 12; count += 1) await post(gatewayOf({}), { handler });
  const alert = 'ERROR no event is proven, and all are refused: check SOME_SECRET';
  expect(told(logged()).filter((line) => line.startsWith('ERROR'))).toEqual([alert]);
});
