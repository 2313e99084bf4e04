import * as deployed from '../../../functions/src/index.ts';
import type { User } from '../../../scripts/stack/client.ts';
import { gateways } from '../../../scripts/stack/gateways/index.ts';
import { refundShops, type RefundShop } from '../../contract/refund-shops.ts';
import { ServedApp } from '../../harness/app.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { writeRows } from '../app/rows.ts';

/** What every gateway is held to that gives money back, and those that do not. */
jest.setTimeout(120_000);

type Body = Readonly<Record<string, unknown>>;

const groups = deployed as unknown as Record<string, Record<string, unknown>>;
const named = Object.keys(groups).filter((name) => 'handleWebhookEvents' in (groups[name] ?? {}));
const able = named.filter((name) => 'refund' in (groups[name] ?? {}));
/** What is given back at once, and what a part of it is answered. */
const whole = ['cryptomus', 'googleplay'];
const reason = 'the buyer has asked';

let app: ServedApp;
let support: User;
let user: User;

test('every gateway that gives money back is held to it, and every other says how', () => {
  expect(Object.keys(refundShops).toSorted()).toEqual(able.toSorted());
  for (const name of named) expect(groups[name]).toHaveProperty('previewRefund');
});

describe.each(Object.entries(refundShops))('%s', (name, open) => {
  let shop: RefundShop;
  const switches = {
    [`${name === 'googleplay' ? 'GOOGLE_PLAY' : name.toUpperCase()}_ENABLED`]: 'draining',
  };

  beforeAll(async () => {
    shop = await open();
    app = await ServedApp.start(shop.environment);
    shop.listen(await app.functions.url(`${name}-handleWebhookEvents`));
    support = await app.stack.signInAsStaff('support');
  });

  afterAll(async () => {
    await app.stop();
    await shop.stop();
  });

  beforeEach(async () => {
    user = await app.stack.signIn();
  });

  afterEach(() => {
    setEnvironment({ [Object.keys(switches)[0] ?? '']: undefined });
  });

  /** A payment of 15.00 that the balance has; its payment id, and the gateway's. */
  async function paid(): Promise<{ payment_id: string; id: string }> {
    await shop.pay(app, user);
    await shop.idle();
    expect([await app.rows(user), balance()]).toEqual([['payment 1500'], 1500]);
    const payment_id = String((await app.stack.rows(user))[0]?.['payment_id']);
    return { payment_id, id: payment_id.slice(name.length + 1) };
  }

  const balance = () => app.retail.control.balance(user.uid);
  const preview = (query: Record<string, string>) =>
    app.ask<Body>(`${name}-previewRefund`, query, support);
  const address = () => (shop.address === undefined ? {} : { address: shop.address });
  const refund = (payment_id: string, fields: object = {}) =>
    app.call<Body>(`${name}-refund`, { payment_id, reason, ...address(), ...fields }, support);

  /** All that comes of it is told. */
  async function settled(id: string): Promise<void> {
    shop.endRefund?.(id);
    await shop.idle();
  }

  /** The call that has the request is over. */
  async function leave(payment_id: string): Promise<void> {
    const requests = app.stack.firestore.collection('tn_refund_requests');
    const found = await requests.where('payment_id', '==', payment_id).get();
    await Promise.all(found.docs.map((one) => one.ref.update({ call_until: new Date(0) })));
  }

  async function openRequests(payment_id: string): Promise<unknown[]> {
    const { body } = await app.ask<{ requests: Body[] }>('staff-listRefunds', {}, support);
    return body.requests.filter((one) => one['payment_id'] === payment_id);
  }

  test('the preview says what it can, and a part is given back or refused with the reason', async () => {
    const { payment_id, id } = await paid();
    expect((await preview({ payment_id })).body).toMatchObject({
      can: whole.includes(name) ? 'full' : 'partial',
      by_hand: [],
      needs_address:
        shop.address === undefined ? null : (expect.stringContaining('coin') as string),
      amount: 1500,
      left: 1500,
      balance: 1500,
      balance_after: 0,
    });
    const shown = await preview({ payment_id, cents: '500' });
    const part = await refund(payment_id, { cents: 500 });
    if (whole.includes(name)) {
      const words =
        'The gateway gives a payment back as a whole only: 15.00 USD, and nothing of it before.';
      expect([shown, part]).toMatchObject([
        { status: 409, body: { errorMessage: words } },
        { status: 409, body: { errorMessage: words } },
      ]);
      expect([await app.rows(user), shop.refundsOf(id)]).toEqual([['payment 1500'], 0]);
    } else {
      expect([shown.body['amount'], part.body['amount']]).toEqual([500, 500]);
      await shop.idle();
      expect((await refund(payment_id)).body['amount']).toBe(1000);
      await settled(id);
      expect(await app.rows(user)).toEqual(['payment 1500', 'refund -1000', 'refund -500']);
      expect(balance()).toBe(0);
    }
  });

  test('while it is draining: one refund is one row, and a repetition gives nothing', async () => {
    const { payment_id, id } = await paid();
    setEnvironment(switches);
    expect(['done', 'sent']).toContain((await refund(payment_id)).body['state']);
    await settled(id);
    expect([await app.rows(user), balance()]).toEqual([['payment 1500', 'refund -1500'], 0]);
    expect(await openRequests(payment_id)).toEqual([]);
    expect((await refund(payment_id)).status).toBe(409);
    await shop.idle();
    expect([shop.refundsOf(id), balance()]).toEqual([1, 0]);
  });

  test('its answer is lost: the same command finishes it, and no second refund is made', async () => {
    const { payment_id, id } = await paid();
    shop.loseAnswer();
    const first = await refund(payment_id);
    expect(first.body).toMatchObject({ state: 'unknown', refund_id: null });
    await leave(payment_id);
    const second = await refund(payment_id);
    expect(second.body['request_id']).toBe(first.body['request_id']);
    expect(['done', 'sent']).toContain(second.body['state']);
    await settled(id);
    expect([await app.rows(user), balance()]).toEqual([['payment 1500', 'refund -1500'], 0]);
    expect([shop.refundsOf(id), await openRequests(payment_id)]).toEqual([1, []]);
  });

  test('it refuses: the cure is told, nothing is given, and the next command may', async () => {
    const { payment_id, id } = await paid();
    const fault = shop.refuse(id);
    expect((await refund(payment_id)).body).toMatchObject({ state: 'failed', fault });
    await shop.idle();
    expect([await app.rows(user), shop.refundsOf(id)]).toEqual([['payment 1500'], 0]);
    shop.allow(id);
    expect(['done', 'sent']).toContain((await refund(payment_id)).body['state']);
    await settled(id);
    expect([await app.rows(user), balance()]).toEqual([['payment 1500', 'refund -1500'], 0]);
  });
});

describe('by hand', () => {
  const byHand = gateways.filter(({ name }) => !able.includes(name));

  beforeAll(async () => {
    const values = byHand.map(({ parameters, secrets }) => ({ ...parameters, ...secrets }));
    app = await ServedApp.start(Object.assign({}, ...values) as Record<string, string>);
    support = await app.stack.signInAsStaff('support');
  });

  afterAll(() => app.stop());

  test.each(byHand)('$name: the preview says the steps', async ({ name }) => {
    user = await app.stack.signIn();
    const payment_id = `${name}_${Date.now()}`;
    await writeRows(app.stack.firestore, user.uid, [{ id: payment_id, gateway: name }]);
    const { body } = await app.ask<Body>(`${name}-previewRefund`, { payment_id }, support);
    expect(body).toMatchObject({ can: 'none', needs_address: null, amount: 1500 });
    expect((body['by_hand'] as string[]).length).toBeGreaterThanOrEqual(2);
  });
});
