import { Unusable } from '../../../../functions/src/errors.ts';
import { logFromNow } from '../../../harness/log.ts';
import { Bench, parkedFor } from './bench.ts';

const bench = new Bench();

describe('what is final', () => {
  test('an underpaid invoice that may be topped up moves nothing', async () => {
    bench.invoiceIs('wrong_amount');
    expect(await bench.cents('wrong_amount', { is_final: false })).toEqual([]);
  });

  test.each(['true', 1, null, undefined])('%j is not told', async (isFinal) => {
    bench.invoiceIs('wrong_amount');
    await expect(
      bench.cents('wrong_amount', { is_final: isFinal, payment_amount_usd: '7.25' }),
    ).rejects.toEqual(parkedFor('final'));
  });

  test.each(['cancel', 'fail', 'system_fail'])('a final %s moves nothing', async (status) => {
    bench.invoiceIs(status);
    expect(await bench.cents(status)).toEqual([]);
  });
});

describe('statuses', () => {
  test.each([
    'check',
    'process',
    'confirm_check',
    'wrong_amount_waiting',
    'cancel',
    'refund_process',
  ])('%s moves nothing and is nobody’s concern', async (status) => {
    const logged = logFromNow();
    expect(await bench.cents(status)).toEqual([]);
    expect(logged()).toEqual([]);
    expect(bench.control.requests()).toEqual([]);
  });

  test.each(['fail', 'system_fail', 'refund_fail', 'locked', 'frozen', 'constructor', '__proto__'])(
    '%s moves nothing, and a person hears of it',
    async (status) => {
      const logged = logFromNow();
      expect(await bench.cents(status)).toEqual([]);
      expect(logged().join()).toContain('"severity":"ERROR"');
    },
  );

  test('what a person should see of an order that is not ours is no concern either', async () => {
    const logged = logFromNow();
    bench.orders.clear();
    expect(await bench.cents('fail')).toEqual([]);
    expect(logged()).toEqual([]);
    expect(await bench.cents('fail', { order_id: null })).toEqual([]);
    expect(logged().join()).toContain('"severity":"ERROR"');
  });

  test.each([
    { type: undefined },
    { type: 1 },
    { uuid: undefined },
    { uuid: 'x' },
    { status: null },
  ])('what does not say what it is about is unusable: %j', async (changes) => {
    await expect(bench.movements('paid', changes)).rejects.toThrow(Unusable);
  });
});
