import { Conflict, Malformed, NotFound, Unusable } from '../../../../functions/src/errors.ts';
import { accountToken } from '../../../../functions/src/stores/account-token.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import type { NewPurchase } from '../../../standins/googleplay/shop.ts';
import { Bench, owner, SENT_AT } from './bench.ts';

const bench = new Bench();

beforeEach(() => {
  setEnvironment({ STORE_REVIEWER_UIDS: 'reviewer' });
});

const reviewer = { uid: 'reviewer', accountToken: accountToken('reviewer') };

const orderRequests = () =>
  bench.google.control.requests().filter(({ path }) => path.includes('/orders/'));

describe('on a live deployment', () => {
  test('a paid purchase is credited by the catalogue, not by its price', async () => {
    const { token } = bench.paid({ quantity: 2 });
    expect(await bench.synced(token)).toEqual(['credited', 'payment 1000 live']);
  });

  test('again and again, and after the catalogue has changed', async () => {
    const { token } = bench.paid();
    await bench.synced(token);
    setEnvironment({ STORE_PRODUCTS: '{"credits_1":1}' });
    expect(await bench.synced(token)).toEqual(['credited', 'payment 500 live']);
    expect(orderRequests()).toHaveLength(1);
  });

  test('a promotion, which has no order, credits nothing', async () => {
    const { token } = bench.paid({ promotion: true });
    expect(await bench.synced(token)).toEqual(['unpaid']);
    expect(bench.pending.size).toBe(0);
  });

  const nothing = { currencyCode: 'EUR' };
  const zero = { units: '0', nanos: 0, currencyCode: 'EUR' };
  const cent = { nanos: 10_000_000, currencyCode: 'EUR' };

  test.each<[string, Partial<NewPurchase>]>([
    ['points', { points: { pointsSpent: '499' } }],
    ['a single point', { points: { pointsSpent: '1', pointsDiscountRateMicros: '1' } }],
    ['a coupon that points have bought', { points: { pointsCouponValue: cent } }],
    ['the revenue that is left for us', { revenue: cent }],
    [
      'the revenue, beside points that cannot be read',
      { points: { pointsSpent: '-' }, revenue: cent },
    ],
    [
      'points, beside a revenue of less than nothing',
      { points: { pointsSpent: '9' }, revenue: { units: '-1', currencyCode: 'EUR' } },
    ],
  ])('a price of nothing is credited where its order shows payment: %s', async (_, given) => {
    for (const total of [nothing, zero]) {
      const { token } = bench.paid({ total, ...given });
      expect(await bench.synced(token)).toEqual(['credited', 'payment 500 live']);
    }
  });

  test.each<[string, Partial<NewPurchase>]>([
    ['nothing else', {}],
    ['a revenue of nothing', { revenue: zero }],
    ['a revenue of less than nothing', { revenue: { nanos: -10_000_000, currencyCode: 'EUR' } }],
    [
      'a revenue of less than nothing, in units',
      { revenue: { units: '-4', nanos: -1, currencyCode: 'EUR' } },
    ],
    ['no points', { points: { pointsSpent: '0', pointsCouponValue: zero } }],
    ['an offer without points', { points: { pointsOfferId: 'offer1' } }],
    ['points that cannot be read', { points: { pointsSpent: 'many' } }],
  ])('a price of nothing, with %s, is for a person and is not consumed', async (_, given) => {
    for (const total of [nothing, zero]) {
      const { token } = bench.paid({ total, ...given });
      await expect(bench.synced(token)).rejects.toThrow(Unusable);
      expect(bench.google.control.sale(token).consumed).toBe(false);
    }
    expect(bench.pending.size).toBe(0);
  });

  test.each([
    ['PENDING', ['pending']],
    ['PENDING_REFUND', ['pending']],
    ['REFUNDED', ['refunded']],
    ['CANCELED', ['refunded']],
  ] as const)('an order that is %s', async (orderState, wanted) => {
    const { token } = bench.paid();
    bench.google.control.edit(token, { orderState });
    expect(await bench.synced(token)).toEqual(wanted);
  });

  test.each([
    ['refunded in part by amount', { orderState: 'PARTIALLY_REFUNDED' }],
    ['in a state nobody knows', { orderState: 'NEW' }],
  ])('an order %s before it was credited is for a person', async (_, patch) => {
    const { token } = bench.paid();
    bench.google.control.edit(token, patch as object);
    await expect(bench.synced(token)).rejects.toThrow(Unusable);
  });

  test('an order that does not say its price is for a person, and is not consumed', async () => {
    const { token } = bench.paid();
    bench.google.control.edit(token, { total: undefined } as never);
    await expect(bench.synced(token)).rejects.toThrow(Unusable);
    expect(bench.pending.size).toBe(0);
  });

  test('a refund that is seen while another call credits is handed on', async () => {
    const { token, orderId } = bench.paid();
    const find = bench.receipts.find.bind(bench.receipts);
    const sale = { productId: 'credits_500', quantity: 1, amountCents: 500, mode: 'live' } as const;
    let isFirst = true;
    // Between this call's look at the receipt and at the order.
    Object.assign(bench.receipts, {
      find: async (id: string) => {
        const found = await find(id);
        if (!isFirst) return found;
        isFirst = false;
        const movementId = orderId ?? '';
        await bench.receipts.credit(id, { ...sale, owner, movementId, occurredAt: SENT_AT });
        bench.google.control.edit(token, { orderState: 'REFUNDED' });
        return found;
      },
    });
    expect(await bench.synced(token)).toEqual(['refunded', 'payment 500 live', 'refund -500 live']);
  });

  test('the order of another purchase proves nothing', async () => {
    const { orderId } = bench.paid();
    const { token } = bench.paid();
    bench.google.control.edit(token, { orderId });
    await expect(bench.synced(token)).rejects.toThrow(Unusable);
  });

  test('a test purchase credits nobody but the stores’ reviewers', async () => {
    const { token } = bench.buy();
    await expect(bench.synced(token)).rejects.toThrow(Conflict);
    const by = { owner: reviewer, productId: 'credits_500' };
    expect(await bench.synced(token, bench.live(), by)).toEqual(['credited', 'payment 500 live']);
  });

  test('a test purchase that Google announces moves nothing', async () => {
    await bench.receipts.claim('an earlier one', owner);
    const { token } = bench.buy({ accountId: owner.accountToken });
    expect((await bench.live().syncPurchase(token)).movements).toEqual([]);
  });

  test('no order is needed to see that nobody has claimed a purchase', async () => {
    const { token } = bench.paid({ accountId: owner.accountToken });
    expect((await bench.live().syncPurchase(token)).standing).toBe('unclaimed');
    expect(orderRequests()).toEqual([]);
  });
});

describe('a purchase of an unknown buyer', () => {
  const kept = () => bench.unclaimed.of(owner.accountToken);

  test('is kept with its token, once', async () => {
    const { token } = bench.paid({ accountId: owner.accountToken });
    await bench.live().syncPurchase(token);
    await bench.live().syncPurchase(token);
    expect((await kept()).map(({ proof }) => proof)).toEqual([token]);
    expect(bench.google.control.sale(token).consumed).toBe(false);
  });

  test('is not kept when it was refunded, or its buyer is known', async () => {
    const { token } = bench.paid({ accountId: owner.accountToken });
    bench.google.control.void(token);
    await bench.live().syncPurchase(token);
    await bench.receipts.claim('an earlier one', owner);
    await bench.live().syncPurchase(bench.paid({ accountId: owner.accountToken }).token);
    expect(await kept()).toEqual([]);
  });

  test('is not kept on a test deployment when it is paid with real money', async () => {
    const { token } = bench.paid({ accountId: owner.accountToken });
    expect((await bench.purchases().syncPurchase(token)).standing).toBe('barred');
    expect(await kept()).toEqual([]);
  });
});

test('real money credits nothing on a test deployment', async () => {
  await expect(bench.synced(bench.paid().token, bench.purchases())).rejects.toThrow(Conflict);
});

describe('one purchase, one user', () => {
  const other = { owner: { uid: 'user2', accountToken: accountToken('user2') }, productId: null };

  test('of the user whom the app has named', async () => {
    const { token } = bench.paid({ accountId: owner.accountToken });
    await expect(bench.live().syncPurchase(token, other)).rejects.toThrow(Conflict);
    expect(await bench.synced(token)).toEqual(['credited', 'payment 500 live']);
  });

  test('of the user whom the app has named, in whatever case of its letters', async () => {
    const { token } = bench.paid({ accountId: owner.accountToken.toUpperCase() });
    await expect(bench.live().syncPurchase(token, other)).rejects.toThrow(Conflict);
    expect(await bench.synced(token)).toEqual(['credited', 'payment 500 live']);
  });

  test('of the first who claims it, when the app has named nobody', async () => {
    const { token } = bench.paid({ accountId: '' });
    expect(await bench.synced(token)).toEqual(['credited', 'payment 500 live']);
  });

  test('whose user cannot be read is for a person, not for whoever comes first', async () => {
    const { token } = bench.paid();
    bench.google.control.edit(token, { accountId: 7 } as never);
    await expect(bench.synced(token)).rejects.toThrow(Unusable);
  });

  test('of nobody, when the app has named somebody unknown', async () => {
    const { token } = bench.paid({ accountId: 'somebody-else' });
    await expect(bench.synced(token)).rejects.toThrow(Conflict);
  });

  test('of the first who claims it, also while it is pending', async () => {
    const { token } = bench.paid({ pending: true });
    expect(await bench.synced(token)).toEqual(['pending']);
    await expect(bench.live().syncPurchase(token, other)).rejects.toThrow(Conflict);
    bench.google.control.pay(token);
    await expect(bench.live().syncPurchase(token, other)).rejects.toThrow(Conflict);
    expect(await bench.synced(token)).toEqual(['credited', 'payment 500 live']);
    await expect(bench.live().syncPurchase(token, other)).rejects.toThrow(Conflict);
  });

  test('the token of another product is refused before anything is credited', async () => {
    const { token } = bench.paid();
    const wrong = { owner, productId: 'credits_333' };
    await expect(bench.synced(token, bench.live(), wrong)).rejects.toThrow(Malformed);
    expect(bench.pending.size).toBe(0);
  });

  test('a product that is not in the catalogue is for a person', async () => {
    const { token } = bench.paid({ productId: 'credits_1' });
    const by = { owner, productId: 'credits_1' };
    await expect(bench.synced(token, bench.live(), by)).rejects.toThrow(Unusable);
  });

  test('a purchase that Google does not know', async () => {
    await expect(bench.synced('standin-token-99999.AO-J2222')).rejects.toThrow(NotFound);
  });
});
