import { contractOf } from '../../../contract/gateway-contract.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { newKey } from '../../../standins/googleplay/keys.ts';
import { accountKey, Bench, owner, pushed, token } from './bench.ts';
import type { Movement } from '../../../../functions/src/movement.ts';

const bench = new Bench();

type Row = Omit<Movement, 'occurredAt'>;

const ORDER = 'GPA.3300-1111-2222-00001';
const common = { uid: 'user1', orderId: null, mode: 'test' } as const;
const payment: Row = { ...common, id: ORDER, kind: 'payment', amountCents: 1500, parentId: null };

function refund(number: number, amountCents: number): Row {
  return {
    ...common,
    id: `${ORDER}-refund-${number}`,
    kind: 'refund',
    amountCents,
    parentId: ORDER,
  };
}

/** The purchase that the fixtures speak of, by user1, who has bought before. */
async function bought(given: { pending?: boolean } = {}): Promise<string> {
  await bench.receipts.claim('an earlier one', owner);
  const { token } = bench.google.control.buy({
    productId: 'credits_500',
    quantity: 3,
    accountId: owner.accountToken,
    ...given,
  });
  return token;
}

/** Credited by the app's call. */
async function credited(): Promise<string> {
  const token = await bought();
  await bench.purchases().syncPurchase(token, { owner, productId: 'credits_500' });
  return token;
}

export const contract = contractOf({
  name: 'googleplay',
  open: () => bench.gateway(),
  openWithoutSecret: () => {
    setEnvironment({ GOOGLE_PLAY_PUSH_AUDIENCE: '' });
    return bench.gateway();
  },
  signer: {
    genuine: (body) => pushed(body),
    missing: (body) => ({ method: 'POST', headers: {}, body }),
    truncated: (body) => pushed(body, token().slice(0, -1)),
    foreign: (body) => pushed(body, token({}, newKey())),
    stale: (body) => {
      const before = Math.floor(Date.now() / 1000) - 4_000;
      return pushed(body, token({ iat: before, exp: before + 3_600 }));
    },
  },
  unsignedBody: 'the token proves who pushes; the purchase is read from Google',
  api: { variable: 'GOOGLE_PLAY_API_URL', notOurs: [] },
  early: { notApplicable: 'a purchase that is not paid yet is asked about until it is' },
  secrets: [accountKey.privateKey.slice(64, 128), 'standin-token-00001', 'access-standin'],
  unknown: 'subscriptionNotification',
  cases: [
    {
      fixture: 'ONE_TIME_PRODUCT_PURCHASED',
      when: 'its buyer known from before',
      arrange: async () => {
        await bought();
      },
      movements: [payment],
    },
    {
      fixture: 'ONE_TIME_PRODUCT_PURCHASED',
      when: 'the app has sent it',
      arrange: async () => {
        await credited();
      },
      movements: [payment],
    },
    {
      fixture: 'ONE_TIME_PRODUCT_PURCHASED',
      when: 'its buyer unknown',
      arrange: () => {
        bench.google.control.buy({ productId: 'credits_500', quantity: 3 });
      },
      movements: [],
    },
    {
      fixture: 'ONE_TIME_PRODUCT_PURCHASED',
      when: 'paid after the app has sent it as pending',
      arrange: async () => {
        const { token } = bench.google.control.buy({
          productId: 'credits_500',
          quantity: 3,
          pending: true,
        });
        await bench.purchases().syncPurchase(token, { owner, productId: null });
        bench.google.control.pay(token);
      },
      movements: [payment],
    },
    {
      fixture: 'ONE_TIME_PRODUCT_CANCELED',
      when: 'nobody paid',
      arrange: async () => {
        bench.google.control.cancel(await bought({ pending: true }));
      },
      movements: [],
    },
    {
      fixture: 'ONE_TIME_PRODUCT_CANCELED',
      when: 'of a credited purchase that stands',
      arrange: async () => {
        await credited();
      },
      movements: [payment],
    },
    {
      fixture: 'voidedPurchaseNotification',
      arrange: async () => {
        bench.google.control.void(await credited());
      },
      movements: [payment, refund(1, -1500)],
    },
    {
      fixture: 'voidedPurchaseNotification',
      when: 'one of three, of a purchase that was not credited yet',
      arrange: async () => {
        bench.google.control.void(await bought(), 1);
      },
      movements: [payment, refund(1, -500)],
    },
    {
      fixture: 'voidedPurchaseNotification',
      when: 'of a purchase that was never credited',
      arrange: async () => {
        bench.google.control.void(await bought());
      },
      movements: [],
    },
    {
      fixture: 'voidedPurchaseNotification',
      when: 'Google has forgotten the purchase, not its order',
      arrange: async () => {
        const bought = await credited();
        bench.google.control.void(bought);
        bench.google.control.edit(bought, { forgotten: true });
      },
      movements: [payment, refund(1, -1500)],
    },
    {
      fixture: 'voidedPurchaseNotification',
      when: 'refunded without being revoked',
      arrange: async () => {
        bench.google.control.edit(await credited(), { orderState: 'REFUNDED' });
      },
      movements: [payment, refund(1, -1500)],
    },
    { fixture: 'voidedPurchaseNotification-subscription', movements: [] },
    { fixture: 'testNotification', movements: [] },
  ],
});
