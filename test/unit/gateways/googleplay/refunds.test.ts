import { NotFound, Unavailable } from '../../../../functions/src/errors.ts';
import { Bench, claim, owner } from './bench.ts';

const bench = new Bench();

describe('refunds', () => {
  test('in parts add up to what was credited', async () => {
    const { token } = bench.paid({ productId: 'credits_333', quantity: 10 });
    const by = { owner, productId: 'credits_333' };
    await bench.settled(token, bench.live(), by);
    for (const quantity of [2, 3, 5]) {
      bench.google.control.void(token, quantity);
      await bench.live().settleVoid(token, null);
    }
    expect(await bench.settled(token, bench.live(), by)).toEqual([
      'refunded',
      'payment 3330 live',
      'refund -666 live',
      'refund -999 live',
      'refund -1665 live',
    ]);
  });

  test('one of three, at first sight', async () => {
    const { token } = bench.paid({ quantity: 3 });
    bench.google.control.void(token, 1);
    expect(await bench.settled(token)).toEqual([
      'credited',
      'payment 1500 live',
      'refund -500 live',
    ]);
  });

  test('all of it, at first sight, before Google calls it cancelled', async () => {
    const { token } = bench.paid({ quantity: 3 });
    bench.google.control.edit(token, { refundableQuantity: 0 });
    expect(await bench.settled(token)).toEqual(['refunded']);
  });

  test('all of it, called cancelled before anything else shows it', async () => {
    const { token } = bench.paid();
    await bench.settled(token);
    bench.google.control.edit(token, { state: 'CANCELLED' });
    const [payment, refund] = await bench.live().settleVoid(token, null);
    expect([payment?.amountCents, refund?.amountCents]).toEqual([500, -500]);
  });

  test('one of three announced before the app has sent it: the rest is credited', async () => {
    const { token } = bench.paid({ quantity: 3 });
    bench.google.control.void(token, 1);
    expect(await bench.live().settleVoid(token, null)).toEqual([]);
    expect(await bench.settled(token)).toEqual([
      'credited',
      'payment 1500 live',
      'refund -500 live',
    ]);
  });

  test('before the app has sent the purchase: it is never credited', async () => {
    const { token } = bench.paid();
    bench.google.control.void(token);
    expect(await bench.live().settleVoid(token, null)).toEqual([]);
    expect(await bench.settled(token)).toEqual(['refunded']);
    // Whatever Google says later.
    bench.google.control.edit(token, { state: 'PURCHASED', refundableQuantity: 1 });
    bench.google.control.edit(token, { orderState: 'PROCESSED' });
    expect(await bench.settled(token)).toEqual(['refunded']);
  });

  test('heard in the wrong order are not given back', async () => {
    const { token } = bench.paid({ quantity: 3 });
    await bench.settled(token);
    bench.google.control.void(token, 2);
    await bench.live().settleVoid(token, null);
    bench.google.control.edit(token, { refundableQuantity: 2 });
    expect(await bench.settled(token)).toEqual([
      'credited',
      'payment 1500 live',
      'refund -1000 live',
    ]);
  });

  test('that Google does not show are no refunds, and not forgotten', async () => {
    const { token } = bench.paid();
    await bench.settled(token);
    await expect(bench.live().settleVoid(token, null)).rejects.toThrow(NotFound);
    expect(await bench.settled(token)).toEqual(['credited', 'payment 500 live']);
  });

  test('of which a part is known and announced again are looked for once more', async () => {
    const { token } = bench.paid({ quantity: 3 });
    await bench.live().finish(token, await bench.live().settle(token, claim));
    bench.google.control.void(token, 1);
    await bench.live().settleVoid(token, null);
    expect(bench.open.size).toBe(0);
    // A second part, which Google does not show yet.
    await bench.live().settleVoid(token, null);
    expect(bench.open.size).toBe(1);
    bench.google.control.void(token);
    expect(await bench.settled(token)).toEqual([
      'refunded',
      'payment 1500 live',
      'refund -500 live',
      'refund -1000 live',
    ]);
  });

  test('of a purchase that is nobody’s, or refunded whole, are not looked for again', async () => {
    const unclaimed = bench.paid({ quantity: 3 }).token;
    const whole = bench.paid().token;
    await bench.live().finish(whole, await bench.live().settle(whole, claim));
    bench.google.control.void(unclaimed, 1);
    bench.google.control.void(whole);
    for (const token of [unclaimed, whole, unclaimed, whole]) {
      await bench.live().settleVoid(token, null);
    }
    expect(bench.open.size).toBe(0);
  });

  test('of an order that is another purchase’s are no refunds', async () => {
    const { token } = bench.paid();
    await bench.settled(token);
    const { orderId, token: refunded } = bench.paid();
    bench.google.control.void(refunded);
    bench.google.control.edit(token, { forgotten: true });
    await expect(bench.live().settleVoid(token, orderId)).rejects.toThrow(NotFound);
  });
});

describe('after the credit', () => {
  test('a purchase is consumed, and then no longer open', async () => {
    const { token } = bench.paid();
    const now = await bench.live().settle(token, claim);
    expect([bench.open.size, bench.google.control.sale(token).consumed]).toEqual([1, false]);
    await bench.live().finish(token, now);
    expect([bench.open.size, bench.google.control.sale(token).consumed]).toEqual([0, true]);
  });

  test('one that was consumed in the meantime is done', async () => {
    const { token } = bench.paid();
    const now = await bench.live().settle(token, claim);
    bench.google.control.edit(token, { consumed: true });
    await bench.live().finish(token, now);
    expect(bench.open.size).toBe(0);
  });

  test('one that could not be consumed stays open', async () => {
    const { token } = bench.paid();
    const now = await bench.live().settle(token, claim);
    bench.google.control.fault({ match: 'POST /androidpublisher', status: 503 });
    await expect(bench.live().finish(token, now)).rejects.toThrow(Unavailable);
    expect(bench.open.size).toBe(1);
  });

  test('a refunded one is not consumed', async () => {
    const { token } = bench.paid();
    await bench.settled(token);
    bench.google.control.edit(token, { state: 'CANCELLED' });
    await bench.live().finish(token, await bench.live().settle(token, claim));
    expect([bench.open.size, bench.google.control.sale(token).consumed]).toEqual([0, false]);
  });
});
