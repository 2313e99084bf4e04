import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import type { AskedPayment } from '../../../../functions/src/gateway.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { existing } from '../../../harness/existing.ts';
import { logFromNow } from '../../../harness/log.ts';
import { Bench, order, parkedFor, UUID } from './bench.ts';

const bench = new Bench();

const byRef: AskedPayment = { orderId: 'order1', ref: UUID, paymentId: null };

async function inquire(asked: AskedPayment = byRef, isReadOnly = false) {
  const gateway = await bench.open(isReadOnly);
  return existing(await gateway.inquire?.(asked));
}

/** What the webhook makes of a report, booked. */
async function reported(status: string, arrived: string) {
  const told = { is_final: true, payment_amount_usd: arrived };
  const movements = await bench.movements(status, told);
  for (const movement of movements) bench.book(movement);
  return movements;
}

describe('what the webhook books is found again', () => {
  test('a payment, whether it was told or not', async () => {
    bench.control.pay(UUID);
    const found = await inquire();
    expect(found).toHaveLength(1);
    expect(found).toEqual(await reported('paid', '12.50'));
    expect(await inquire()).toEqual(found);
  });

  test.each([
    ['paid_over', 2014, '20.14'],
    ['wrong_amount', 725, '7.25'],
  ])('%s, over what was told', async (status, cents, arrived) => {
    bench.control.pay(UUID, { cents });
    if (status === 'wrong_amount') bench.control.expire(UUID);
    const told = await reported(status, arrived);
    expect(told).toMatchObject([{ amountCents: cents }]);
    expect(await inquire()).toEqual(told);
  });

  test('a refund, with its payment', async () => {
    bench.control.pay(UUID, { cents: 2014 });
    const [payment] = await reported('paid_over', '20.14');
    bench.control.refund(UUID);
    bench.control.endRefund(UUID);
    const refund = await bench.movements('refund_paid');
    expect(refund).toMatchObject([{ amountCents: -2014, parentId: UUID }]);
    expect(await inquire()).toEqual([{ ...payment, occurredAt: refund[0]?.occurredAt }, ...refund]);
  });

  test('a refund that is booked is told as a total', async () => {
    bench.control.pay(UUID);
    await reported('paid', '12.50');
    bench.invoiceIs('refund_paid');
    await reported('refund_paid', '12.50');
    const ids = (await inquire()).map((one) => ('id' in one ? one.id : one));
    expect(ids).toEqual([UUID, `${UUID}-refund-1250`]);
  });

  test.each(['refund_process', 'refund_fail'])('a payment in %s', async (status) => {
    bench.control.pay(UUID);
    const told = await reported('paid', '12.50');
    bench.invoiceIs(status);
    expect(await inquire()).toEqual(told);
  });
});

describe('what only a notification can tell', () => {
  test('more than was ordered: the order is found, the rest is left to a person', async () => {
    bench.control.pay(UUID, { cents: 2014 });
    const found = await inquire();
    expect(found).toMatchObject([{ id: UUID, amountCents: 1250 }, { about: UUID }]);
    expect(found[1]).toEqual(parkedFor('More was paid than is credited'));
    bench.book(found[0] as Parameters<Bench['book']>[0]);
    expect(await inquire()).toEqual(found);
    await reported('paid_over', '20.14');
    expect(await inquire()).toMatchObject([{ amountCents: 2014 }]);
  });

  test('less than was ordered', async () => {
    bench.control.pay(UUID, { cents: 725 });
    expect(await inquire()).toEqual([]);
    bench.control.expire(UUID);
    await expect(inquire()).rejects.toEqual(parkedFor('Only the notification says'));
    setEnvironment({ CRYPTOMUS_CREDIT_UNDERPAID: 'false' });
    await expect(inquire()).rejects.toEqual(parkedFor('is underpaid'));
    bench.control.edit(UUID, { is_final: false });
    expect(await inquire()).toEqual([]);
  });

  test.each([
    ['0.00000000', 'Far less'],
    ['11.87000000', 'Far less'],
  ])('paid, with %s coins of 12.50: left to a person', async (arrived, message) => {
    bench.control.pay(UUID);
    bench.control.edit(UUID, { payment_amount: arrived });
    await expect(inquire()).rejects.toEqual(parkedFor(message));
  });

  test.each(['11.88000000', null, 'many'])(
    'paid, with %s coins of 12.50: paid',
    async (arrived) => {
      bench.control.pay(UUID);
      bench.control.edit(UUID, { payment_amount: arrived });
      expect(await inquire()).toMatchObject([{ amountCents: 1250 }]);
    },
  );

  test('a payment that was paid back before it was heard of', async () => {
    bench.control.pay(UUID);
    bench.control.refund(UUID);
    expect(await inquire()).toEqual([]);
    bench.control.endRefund(UUID);
    expect(await inquire()).toEqual([]);
    bench.control.edit(UUID, { payment_status: 'refund_fail' });
    await expect(inquire()).rejects.toEqual(parkedFor('A refund failed'));
  });
});

describe('nothing', () => {
  test.each(['check', 'process', 'confirm_check', 'wrong_amount_waiting', 'cancel'])(
    'has moved in %s',
    async (status) => {
      bench.invoiceIs(status);
      // Not worth a person's time, as no money has come.
      bench.control.edit(UUID, { amount: '1.00' });
      const logged = logFromNow();
      expect(await inquire()).toEqual([]);
      expect(logged()).toEqual([]);
    },
  );

  test.each(['fail', 'system_fail', 'locked', 'frozen'])(
    'has moved in %s, and a person is told, unless the caller reports',
    async (status) => {
      bench.invoiceIs(status);
      const logged = logFromNow();
      expect(await inquire(byRef, true)).toEqual([]);
      expect(logged()).toEqual([]);
      expect(await inquire()).toEqual([]);
      expect(logged().join()).toContain(`"event_type":"payment.${status}"`);
    },
  );

  test('is known of another invoice or order', async () => {
    bench.control.pay(UUID);
    const uuid = UUID.replace(/^0/, '1');
    expect(await inquire({ orderId: 'order1', ref: uuid, paymentId: null })).toEqual([]);
    expect(await inquire({ orderId: 'order2', ref: null, paymentId: null })).toEqual([]);
    expect(bench.calls('/v1/payment/info')).toBe(2);
    expect(await inquire({ orderId: null, ref: 'x', paymentId: 'y' })).toEqual([]);
    expect(bench.calls('/v1/payment/info')).toBe(2);
  });

  test.each([{ gateway: 'stripe' }, { mode: 'live' as const }, { gatewayRef: 'another invoice' }])(
    'is ours of an order of %j',
    async (changes) => {
      bench.control.pay(UUID);
      bench.orders.set(order.orderId, { ...order, ...changes });
      expect(await inquire()).toEqual([]);
      bench.orders.clear();
      expect(await inquire()).toEqual([]);
    },
  );
});

test.each<AskedPayment>([
  byRef,
  { orderId: null, ref: null, paymentId: UUID },
  { orderId: 'order1', ref: null, paymentId: null },
  { orderId: 'order1', ref: 'x', paymentId: `${UUID}-refund` },
])('asked for by %j', async (asked) => {
  bench.control.pay(UUID);
  expect(await inquire(asked, true)).toMatchObject([{ id: UUID, amountCents: 1250 }]);
});

test.each([{ amount: '12.51' }, { currency: 'EUR' }])('%j is not the order', async (patch) => {
  bench.control.pay(UUID);
  bench.control.edit(UUID, patch);
  await expect(inquire()).rejects.toMatchObject({ name: 'Unusable', about: UUID });
});

test('another invoice than the one that was asked for is none', async () => {
  bench.control.pay(UUID);
  bench.control.edit(UUID, { uuid: UUID.replace(/^0/, '1') });
  await expect(inquire()).rejects.toEqual(parkedFor('another invoice'));
});

test('an invoice that cannot be read is unusable', async () => {
  bench.control.edit(UUID, { payment_status: null as unknown as string });
  await expect(inquire()).rejects.toThrow(Unusable);
});

test.each([{ status: 429 }, { status: 500 }, { drop: true }, { cutOff: true }] as const)(
  '%j: Cryptomus did not answer',
  async (fault) => {
    bench.control.pay(UUID);
    bench.control.fault(fault);
    await expect(inquire()).rejects.toThrow(Unavailable);
  },
);

test('another key is a matter of configuration', async () => {
  setEnvironment({ CRYPTOMUS_PAYMENT_KEY: 'other' });
  await expect(inquire()).rejects.toThrow(Misconfigured);
});

describe('the subject of a parked event', () => {
  test.each(['paid', 'paid_over', 'wrong_amount', 'refund_paid', 'frozen'])(
    '%s',
    async (status) => {
      const gateway = await bench.open();
      const body = Buffer.from(bench.control.signed(UUID, status));
      const event = await gateway.verify({ method: 'POST', headers: {}, body });
      const stored: unknown = JSON.parse(JSON.stringify(event));
      expect(gateway.subjectOf?.(stored)).toEqual({
        orderId: 'order1',
        ref: UUID,
        paymentId: UUID,
      });
      expect(gateway.subjectOf?.({ ...event, orderId: null })).toEqual({
        orderId: null,
        ref: UUID,
        paymentId: UUID,
      });
    },
  );

  test.each([
    undefined,
    'paid',
    {},
    { id: 'hash', type: 'unreadable' },
    { id: 'a', type: 'payment.paid', uuid: 'x' },
    { id: 'a', type: 'payout.paid', uuid: UUID },
  ])('%j does not tell', async (event) => {
    expect((await bench.open()).subjectOf?.(event)).toBeUndefined();
  });
});
