import { Unauthentic, Unusable } from '../../../../functions/src/errors.ts';
import type { ReceiptBook } from '../../../../functions/src/stores/receipts.ts';
import { accountToken } from '../../../../functions/src/stores/account-token.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { logFromNow } from '../../../harness/log.ts';
import { memoryReceipts, memoryUnclaimed } from '../../../harness/receipts.ts';
import { signJws } from '../../../standins/appstore/authority.ts';
import {
  authority,
  changed,
  credit,
  ID,
  liveConfig,
  plain,
  posted,
  requestOf,
  told,
  variables,
} from './bench.ts';

let receipts: ReceiptBook;

beforeEach(() => {
  receipts = memoryReceipts();
  setEnvironment({ ...variables, STORE_REVIEWER_UIDS: 'reviewer1' });
});

describe('a body that carries no signed payload proves nothing', () => {
  const jws = signJws(plain('TEST'), authority);
  test.each<[string, unknown]>([
    ['nothing', ''],
    ['a text', 'hello'],
    ['an array', [jws]],
    ['a JWS in quotes', JSON.stringify(jws)],
    ['null', 'null'],
    ['no signedPayload', {}],
    ['another name', { signed_payload: jws }],
    ['an object for a JWS', { signedPayload: { jws } }],
    ['a number for a JWS', { signedPayload: 1 }],
    ['an empty JWS', { signedPayload: '' }],
  ])('%s', async (_, body) => {
    await expect(told(receipts, requestOf(body))).rejects.toThrow(Unauthentic);
  });
});

describe('ONE_TIME_CHARGE', () => {
  const charge = (purchase: object) =>
    posted(changed('ONE_TIME_CHARGE', { purchase: { ...purchase } }));

  beforeEach(() =>
    receipts.claim('earlier', { uid: 'user1', accountToken: accountToken('user1') }),
  );

  test('the token counts in any case of its letters', async () => {
    const appAccountToken = accountToken('user1').toUpperCase();
    expect(await told(receipts, charge({ appAccountToken }))).toEqual([`sandbox-${ID} 1000`]);
  });

  test.each([undefined, accountToken('user2'), 'no-uuid'])(
    'with the token %p it waits for the app',
    async (appAccountToken) => {
      expect(await told(receipts, charge({ appAccountToken }))).toEqual([]);
      expect(await receipts.find(`sandbox-${ID}`)).toBeUndefined();
    },
  );

  test('of an unknown buyer is kept with its proof, once', async () => {
    const unclaimed = memoryUnclaimed();
    const appAccountToken = accountToken('user2');
    const request = charge({ appAccountToken });
    await told(receipts, request, undefined, unclaimed);
    const kept = await unclaimed.of(appAccountToken);
    expect(kept).toMatchObject([{ receiptId: `sandbox-${ID}`, accountToken: appAccountToken }]);
    expect(kept[0]?.proof.split('.')).toHaveLength(3);
    await told(receipts, request, undefined, unclaimed);
    expect(await unclaimed.of(appAccountToken)).toEqual(kept);
  });

  test('of a known buyer is credited, and not kept', async () => {
    const unclaimed = memoryUnclaimed();
    const appAccountToken = accountToken('user1');
    await told(receipts, charge({ appAccountToken }), undefined, unclaimed);
    expect(await unclaimed.of(appAccountToken)).toEqual([]);
  });

  test.each<[string, object]>([
    ['an unknown product', { productId: 'credits_9' }],
    ['a quantity of 0', { quantity: 0 }],
    ['a quantity of -1', { quantity: -1 }],
    ['a quantity of 1.5', { quantity: 1.5 }],
    ['a quantity of 10^9', { quantity: 1_000_000_000 }],
    ['a shared purchase', { inAppOwnershipType: 'FAMILY_SHARED' }],
    ['a renewal', { transactionReason: 'RENEWAL' }],
    ['an offer code that made it free', { price: 0 }],
    ['a price below nothing', { price: -4990 }],
  ])('%s is left to a person', async (_, purchase) => {
    await expect(told(receipts, charge(purchase))).rejects.toThrow(Unusable);
    expect(await receipts.find(`sandbox-${ID}`)).toBeUndefined();
  });

  test.each(['Non-Consumable', 'Auto-Renewable Subscription', 'Non-Renewing Subscription'])(
    'of a %p is not ours',
    async (type) => {
      expect(await told(receipts, charge({ type }))).toEqual([]);
    },
  );

  test.each(['Ticket', '', undefined])('of the type %p is left to a person', async (type) => {
    await expect(told(receipts, charge({ type }))).rejects.toThrow(Unusable);
  });

  test.each([
    [50_000, ['1000', '-500']],
    [100_000, []],
  ])('that shows a refund of %d itself credits the rest', async (revocationPercentage, cents) => {
    const request = charge({ revocationDate: 1_790_000_000_000, revocationPercentage });
    const amounts = (await told(receipts, request)).map((row) => row.split(' ')[1]);
    expect(amounts).toEqual(cents);
  });

  test('of what is credited asks the catalogue no more', async () => {
    const rows = await told(receipts, charge({}));
    setEnvironment({ STORE_PRODUCTS: '{"credits_9":9}' });
    expect(await told(receipts, charge({}))).toEqual(rows);
  });

  test('without a quantity it is one, without a price it was paid', async () => {
    const request = charge({ quantity: undefined, price: undefined });
    expect(await told(receipts, request)).toEqual([`sandbox-${ID} 500`]);
  });
});

describe('the sandbox on a live deployment', () => {
  const charged = (uid: string) =>
    posted(changed('ONE_TIME_CHARGE', { purchase: { appAccountToken: accountToken(uid) } }));

  test('credits reviewers alone, and marks their rows', async () => {
    for (const uid of ['user1', 'reviewer1']) {
      await receipts.claim(`earlier-${uid}`, { uid, accountToken: accountToken(uid) });
    }
    expect(await told(receipts, charged('user1'), liveConfig)).toEqual([]);
    expect(await told(receipts, charged('reviewer1'), liveConfig)).toEqual([`sandbox-${ID} 1000`]);
    const receipt = await receipts.find(`sandbox-${ID}`);
    expect(receipt?.movements[0]).toMatchObject({ mode: 'live', isReviewer: true });
  });

  test('cannot refund what was really bought', async () => {
    await credit(receipts, 'user1', ID);
    expect(await told(receipts, posted(plain('REFUND')), liveConfig)).toEqual([]);
    expect((await receipts.find(ID))?.movements).toHaveLength(1);
  });

  test('a real purchase and its refund carry the bare id', async () => {
    await credit(receipts, 'user1', ID);
    const { appAppleId } = liveConfig;
    const real = changed('REFUND', {
      data: { environment: 'Production', appAppleId },
      purchase: { environment: 'Production' },
    });
    expect(await told(receipts, posted(real), liveConfig)).toEqual([
      `${ID} 499`,
      `${ID}-refund-1 -250`,
    ]);
  });
});

test.each(['SUBSCRIBED', 'EXTERNAL_PURCHASE_TOKEN', 'METADATA_UPDATE', 'A_TYPE_OF_2030'])(
  '%s moves nothing, and its purchase is not even read',
  async (notificationType) => {
    const notification = { notificationType };
    const purchase = { transactionId: 'x', productId: '' };
    const request = posted(changed('REFUND', { notification, purchase }));
    expect(await told(receipts, request)).toEqual([]);
  },
);

test('no log line holds a signed payload or an account token', async () => {
  await credit(receipts, 'user2', 'other');
  const logged = logFromNow();
  const request = posted(plain('REFUND'));
  await told(receipts, request);
  const { signedPayload } = JSON.parse(request.body.toString()) as { signedPayload: string };
  expect(logged().join('\n')).toContain('never credited');
  expect(logged().join('\n')).not.toContain(signedPayload);
  expect(logged().join('\n')).not.toContain(accountToken('user1'));
});
