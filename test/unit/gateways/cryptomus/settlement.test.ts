import { Unavailable } from '../../../../functions/src/errors.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { logFromNow } from '../../../harness/log.ts';
import { Bench, order, parkedFor, UUID } from './bench.ts';

const bench = new Bench();

describe('how much is credited', () => {
  test.each([
    ['12.50', [1250]],
    ['12.49', [1250]],
    ['99.00', [1250]],
    ['11.88', [1250]],
    ['-1', [1250]],
    ['1e3', [1250]],
    ['12,50', [1250]],
    [null, [1250]],
  ])('paid, with %s arrived: the order', async (arrived, expected) => {
    bench.invoiceIs('paid');
    expect(await bench.cents('paid', { payment_amount_usd: arrived })).toEqual(expected);
  });

  test.each([
    ['20.14', 2014],
    ['20.149', 2014],
    ['20.1', 2010],
    ['20.14000000', 2014],
    ['12.49', 1250],
  ])('paid over, with %s arrived: %i, never less than the order', async (arrived, expected) => {
    bench.invoiceIs('paid_over');
    expect(await bench.cents('paid_over', { payment_amount_usd: arrived })).toEqual([expected]);
  });

  test.each([
    ['7.25', 725],
    ['7.2599', 725],
    ['0.01', 1],
  ])('finally underpaid, with %s arrived: %i', async (arrived, expected) => {
    bench.invoiceIs('wrong_amount');
    expect(await bench.cents('wrong_amount', { payment_amount_usd: arrived })).toEqual([expected]);
  });

  test.each(['0', '0.00', '0.009', '-1', '1e3', '12,50', '', ' 7.25', 7.25, null])(
    'when %j arrived, nobody can say',
    async (arrived) => {
      for (const status of ['paid_over', 'wrong_amount']) {
        bench.invoiceIs(status);
        await expect(bench.cents(status, { payment_amount_usd: arrived })).rejects.toEqual(
          parkedFor('how much arrived'),
        );
      }
    },
  );

  test('less than the order is told in the log', async () => {
    bench.invoiceIs('paid');
    const logged = logFromNow();
    await bench.cents('paid', { payment_amount_usd: '12.50' });
    expect(logged()).toEqual([]);
    await bench.cents('paid', { payment_amount_usd: '12.49' });
    expect(logged().join()).toContain('less arrived');
  });

  test.each(['0', '1.00', '11.87'])('paid, with %s arrived: left to a person', async (arrived) => {
    bench.invoiceIs('paid');
    await expect(bench.cents('paid', { payment_amount_usd: arrived })).rejects.toEqual(
      parkedFor('Far less arrived'),
    );
  });

  test('underpaid invoices can be left to a person', async () => {
    setEnvironment({ CRYPTOMUS_CREDIT_UNDERPAID: 'false' });
    bench.invoiceIs('wrong_amount');
    await expect(bench.cents('wrong_amount')).rejects.toEqual(parkedFor('underpaid'));
    bench.invoiceIs('paid');
    expect(await bench.cents('paid')).toEqual([1250]);
  });
});

describe('what Cryptomus does not confirm moves nothing', () => {
  const reported = ['paid', 'paid_over', 'wrong_amount', 'refund_paid'];
  const paidBack = ['refund_process', 'refund_fail', 'refund_paid'];
  const confirmed: Record<string, string[]> = {
    paid: ['paid', 'paid_over', ...paidBack],
    paid_over: ['paid_over', ...paidBack],
    wrong_amount: ['wrong_amount', ...paidBack],
    refund_paid: ['refund_paid'],
  };
  const beforePaid = ['check', 'process', 'confirm_check', 'wrong_amount_waiting'];
  const behind: Record<string, string[]> = {
    paid: beforePaid,
    paid_over: [...beforePaid, 'paid'],
    wrong_amount: beforePaid,
    refund_paid: [...beforePaid, 'paid', 'paid_over', 'wrong_amount', 'refund_process'],
  };
  const all = [
    ...reported,
    ...['check', 'process', 'confirm_check', 'wrong_amount_waiting', 'cancel', 'fail'],
    ...['system_fail', 'locked', 'refund_process', 'refund_fail', 'frozen'],
  ];
  const pairs = reported.flatMap((status) => all.map((actual) => [status, actual] as const));

  test.each(pairs)('reported %s, in truth %s', async (status, actual) => {
    bench.book({ ...payment, amountCents: 1250 });
    bench.invoiceIs(actual);
    const attempt = bench.cents(status);
    if (confirmed[status]?.includes(actual)) expect(await attempt).not.toEqual([]);
    else if (behind[status]?.includes(actual)) await expect(attempt).rejects.toThrow(Unavailable);
    else await expect(attempt).rejects.toEqual(parkedFor('does not confirm'));
  });

  test.each([{ amount: '12.51' }, { currency: 'EUR' }, { order_id: 'order2' }, { uuid: other() }])(
    'the invoice is another one: %j',
    async (patch) => {
      bench.invoiceIs('paid');
      bench.control.edit(UUID, patch);
      await expect(
        bench.cents('paid', { order_id: 'order1', amount: '12.50', currency: 'USD', uuid: UUID }),
      ).rejects.toEqual(parkedFor('does not confirm'));
    },
  );

  test('there is no such invoice', async () => {
    await expect(bench.cents('paid', { uuid: other() })).rejects.toEqual(
      parkedFor('not know the invoice'),
    );
  });

  test('a test notification for a real, unpaid invoice', async () => {
    await expect(bench.cents('paid')).rejects.toThrow(Unavailable);
  });
});

describe('the report is held against the order', () => {
  beforeEach(() => {
    bench.invoiceIs('paid');
    bench.control.edit(UUID, { amount: '12.50' });
  });

  test.each(['12.5', '12.50', '12.500', '12.50000000'])('%s is 12.50', async (amount) => {
    expect(await bench.cents('paid', { amount })).toEqual([1250]);
  });

  test.each([
    { amount: '12.51' },
    { amount: '12.50000001' },
    { amount: '1250' },
    { amount: '-12.50' },
    { amount: 12.5 },
    { amount: null },
    { currency: 'EUR' },
    { currency: 'usd' },
    { currency: null },
  ])('%j is not what was ordered', async (changes) => {
    await expect(bench.cents('paid', changes)).rejects.toEqual(parkedFor('differs from the order'));
    expect(bench.control.requests()).toEqual([]);
  });

  test.each([null, 'a/b', '', 7])('the order %j is parked', async (orderId) => {
    await expect(bench.cents('paid', { order_id: orderId })).rejects.toEqual(
      parkedFor('names no order'),
    );
    expect(bench.control.requests()).toEqual([]);
  });

  test('an order that is not here is not ours', async () => {
    expect(await bench.cents('paid', { order_id: 'order2' })).toEqual([]);
    expect(bench.control.requests()).toEqual([]);
  });

  test.each([{ gateway: 'stripe' }, { mode: 'live' as const }, { gatewayRef: 'another invoice' }])(
    'an order of %j is not ours',
    async (changes) => {
      bench.orders.set(order.orderId, { ...order, ...changes });
      expect(await bench.cents('paid')).toEqual([]);
      expect(bench.control.requests()).toEqual([]);
    },
  );

  test('an order that is bound to this invoice is ours', async () => {
    bench.orders.set(order.orderId, { ...order, gatewayRef: UUID });
    expect(await bench.cents('paid')).toEqual([1250]);
  });
});

describe('refunds', () => {
  test('what was credited is taken back, whatever the report says', async () => {
    bench.book({ ...payment, amountCents: 2014 });
    bench.invoiceIs('refund_paid');
    expect(await bench.cents('refund_paid', { payment_amount_usd: '1.00' })).toEqual([-2014]);
  });

  test('what was not credited is not taken back', async () => {
    bench.invoiceIs('refund_paid');
    await expect(bench.cents('refund_paid')).rejects.toEqual(parkedFor('not credited'));
  });

  test('a payment that is heard of after its refund brings both', async () => {
    bench.invoiceIs('refund_paid');
    expect(await bench.cents('paid_over', { payment_amount_usd: '20.14' })).toEqual([2014, -2014]);
  });

  test('even then, what was credited is taken back', async () => {
    bench.book({ ...payment, amountCents: 2014 });
    bench.invoiceIs('refund_paid');
    expect(await bench.cents('paid')).toEqual([1250, -2014]);
  });
});

test('a movement is dated by its invoice, or else by its order', async () => {
  bench.invoiceIs('paid');
  bench.control.edit(UUID, { updated_at: '2026-01-02T06:30:00+03:00' });
  expect((await bench.movements('paid', { payment_amount_usd: '12.50' }))[0]?.occurredAt).toEqual(
    new Date('2026-01-02T03:30:00Z'),
  );
  bench.control.edit(UUID, { updated_at: 'yesterday' });
  expect((await bench.movements('paid', { payment_amount_usd: '12.50' }))[0]?.occurredAt).toEqual(
    order.createdAt,
  );
});

const payment = {
  id: UUID,
  kind: 'payment',
  uid: order.uid,
  parentId: null,
  orderId: order.orderId,
  mode: order.mode,
  occurredAt: order.createdAt,
} as const;

function other(): string {
  return UUID.replace(/^0/, '1');
}
