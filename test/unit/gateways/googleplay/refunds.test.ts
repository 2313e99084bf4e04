import { Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import { Bench, claim, owner } from './bench.ts';

const bench = new Bench();

/** Google announces a refund of the purchase. */
function announced(token: string, orderId: string | null = null) {
  return bench.voids().handleAnnouncement({ token, googleOrderId: orderId });
}

/** Credited and consumed. */
async function credited(given: Parameters<Bench['paid']>[0] = {}): Promise<string> {
  const { token } = bench.paid(given);
  await bench.live().finish(token, await bench.live().syncPurchase(token, claim));
  return token;
}

describe('refunds', () => {
  test('in parts add up to what was credited', async () => {
    const { token } = bench.paid({ productId: 'credits_333', quantity: 10 });
    const by = { owner, productId: 'credits_333' };
    await bench.synced(token, bench.live(), by);
    for (const quantity of [2, 3, 5]) {
      bench.google.control.void(token, quantity);
      await announced(token);
    }
    expect(await bench.synced(token, bench.live(), by)).toEqual([
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
    expect(await bench.synced(token)).toEqual([
      'credited',
      'payment 1500 live',
      'refund -500 live',
    ]);
  });

  test('all of it, at first sight, before Google calls it cancelled', async () => {
    const { token } = bench.paid({ quantity: 3 });
    bench.google.control.edit(token, { refundableQuantity: 0 });
    expect(await bench.synced(token)).toEqual(['refunded']);
  });

  test('all of it, called cancelled before anything else shows it', async () => {
    const { token } = bench.paid();
    await bench.synced(token);
    bench.google.control.edit(token, { state: 'CANCELLED' });
    const [payment, refund] = await announced(token);
    expect([payment?.amountCents, refund?.amountCents]).toEqual([500, -500]);
  });

  test('one of three announced before the app has sent it: the rest is credited', async () => {
    const { token } = bench.paid({ quantity: 3 });
    bench.google.control.void(token, 1);
    expect(await announced(token)).toEqual([]);
    expect(await bench.synced(token)).toEqual([
      'credited',
      'payment 1500 live',
      'refund -500 live',
    ]);
  });

  test('before the app has sent the purchase: it is never credited', async () => {
    const { token } = bench.paid();
    bench.google.control.void(token);
    expect(await announced(token)).toEqual([]);
    expect(await bench.synced(token)).toEqual(['refunded']);
    // Whatever Google says later.
    bench.google.control.edit(token, { state: 'PURCHASED', refundableQuantity: 1 });
    bench.google.control.edit(token, { orderState: 'PROCESSED' });
    expect(await bench.synced(token)).toEqual(['refunded']);
  });

  test('heard in the wrong order are not given back', async () => {
    const { token } = bench.paid({ quantity: 3 });
    await bench.synced(token);
    bench.google.control.void(token, 2);
    await announced(token);
    bench.google.control.edit(token, { refundableQuantity: 2 });
    expect(await bench.synced(token)).toEqual([
      'credited',
      'payment 1500 live',
      'refund -1000 live',
    ]);
  });

  test('that Google does not show move nothing yet, and are looked for', async () => {
    const token = await credited();
    expect(await announced(token)).toEqual([]);
    expect(bench.waits()).toEqual(['refund']);
    expect(await bench.synced(token)).toEqual(['credited', 'payment 500 live']);
  });

  test('of a part are looked for again: another part may show later', async () => {
    const token = await credited({ quantity: 3 });
    bench.google.control.void(token, 1);
    await announced(token);
    expect(bench.waits()).toEqual(['refund']);
    bench.google.control.void(token);
    expect(await bench.voids().syncVoid({ token, googleOrderId: null })).toMatchObject({
      shown: 'whole',
      movements: [{ amountCents: 1500 }, { amountCents: -500 }, { amountCents: -1000 }],
    });
  });

  test('of two parts announced at once, of which Google shows one, are looked for', async () => {
    const token = await credited({ quantity: 3 });
    bench.google.control.void(token, 1);
    await Promise.all([announced(token), announced(token)]);
    expect(bench.waits()).toEqual(['refund']);
    expect(await bench.synced(token)).toEqual([
      'credited',
      'payment 1500 live',
      'refund -500 live',
    ]);
  });

  test('of a purchase that nobody has claimed yet are looked for just as well', async () => {
    const { token } = bench.paid({ quantity: 3 });
    bench.google.control.void(token, 1);
    await announced(token);
    expect(bench.waits()).toEqual(['refund']);
  });

  test('of all of it end the waiting, whoever hears of them', async () => {
    const token = await credited();
    await announced(token);
    bench.google.control.void(token);
    await announced(token);
    expect(bench.waits()).toEqual([]);
    const before = bench.google.control.requests().length;
    expect((await announced(token)).map(({ amountCents }) => amountCents)).toEqual([500, -500]);
    expect(bench.google.control.requests()).toHaveLength(before);
    expect(bench.waits()).toEqual([]);
  });

  test('are written down before Google is asked', async () => {
    const token = await credited();
    bench.google.control.fault({ match: 'GET /androidpublisher', status: 503 });
    await expect(announced(token)).rejects.toThrow(Unavailable);
    expect(bench.waits()).toEqual(['refund']);
  });

  test('of a part of what cannot be credited are looked for all the same', async () => {
    const { token } = bench.paid({ productId: 'credits_1', quantity: 2 });
    bench.google.control.void(token, 1);
    await expect(announced(token)).rejects.toThrow(Unusable);
    expect(bench.waits()).toEqual(['refund']);
  });

  test('that Google lists as whole need nothing else that shows them', async () => {
    const token = await credited({ quantity: 3 });
    bench.google.control.void(token, 1);
    await announced(token);
    bench.google.control.edit(token, { forgotten: true });
    const seen = await bench.voids().syncVoid({ token, googleOrderId: null, isWhole: true });
    expect(seen).toMatchObject({
      shown: 'whole',
      movements: [{ amountCents: 1500 }, { amountCents: -500 }, { amountCents: -1000 }],
    });
  });

  test('that Google lists as whole bar a purchase of which a part was known', async () => {
    const { token } = bench.paid({ quantity: 3 });
    bench.google.control.void(token, 2);
    await announced(token);
    await bench.voids().syncVoid({ token, googleOrderId: null, isWhole: true });
    bench.google.control.edit(token, { refundableQuantity: 3, orderState: 'PROCESSED' });
    expect(await bench.synced(token)).toEqual(['refunded']);
  });

  test('of an order that is another purchase’s are no refunds', async () => {
    const { token } = bench.paid();
    await bench.synced(token);
    const { orderId, token: refunded } = bench.paid();
    bench.google.control.void(refunded);
    bench.google.control.edit(token, { forgotten: true });
    expect(await announced(token, orderId)).toEqual([]);
  });
});

describe('after the credit', () => {
  test('a purchase is consumed, and then no longer open', async () => {
    const { token } = bench.paid();
    const now = await bench.live().syncPurchase(token, claim);
    expect([bench.waits().length, bench.google.control.sale(token).consumed]).toEqual([1, false]);
    await bench.live().finish(token, now);
    expect([bench.waits().length, bench.google.control.sale(token).consumed]).toEqual([0, true]);
  });

  test('one that was consumed in the meantime is done', async () => {
    const { token } = bench.paid();
    const now = await bench.live().syncPurchase(token, claim);
    bench.google.control.edit(token, { consumed: true });
    await bench.live().finish(token, now);
    expect(bench.waits().length).toBe(0);
  });

  test('one that could not be consumed stays open', async () => {
    const { token } = bench.paid();
    const now = await bench.live().syncPurchase(token, claim);
    bench.google.control.fault({ match: 'POST /androidpublisher', status: 503 });
    await expect(bench.live().finish(token, now)).rejects.toThrow(Unavailable);
    expect(bench.waits().length).toBe(1);
  });

  test('a refunded one is not consumed', async () => {
    const { token } = bench.paid();
    await bench.synced(token);
    bench.google.control.edit(token, { state: 'CANCELLED' });
    await bench.live().finish(token, await bench.live().syncPurchase(token, claim));
    expect([bench.waits().length, bench.google.control.sale(token).consumed]).toEqual([0, false]);
  });
});
