import { Unusable } from '../../../../functions/src/errors.ts';
import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import type { ReceiptBook } from '../../../../functions/src/stores/receipts.ts';
import { accountToken } from '../../../../functions/src/stores/account-token.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { memoryReceipts } from '../../../harness/receipts.ts';
import { changed, credit, ID, plain, posted, told, variables } from './bench.ts';

let receipts: ReceiptBook;

beforeEach(() => {
  receipts = memoryReceipts();
  setEnvironment(variables);
});

const T = 1_790_000_000_000;

const at = (second: number) => T + second * 1_000;

/**
 * A refund of `part` thousandths of a percent.
 * @param told the second of the notification.
 * @param signed the second of the purchase in it.
 */
function refund(part: unknown, told: number, signed = told): WebhookRequest {
  return posted(
    changed('REFUND', {
      notification: { signedDate: at(told) },
      purchase: {
        revocationPercentage: part,
        revocationDate: at(signed),
        signedDate: at(signed),
      },
    }),
  );
}

/** Refunds are taken back, but for what the purchase still shows. */
function reversal(second: number, purchase: object = {}): WebhookRequest {
  return posted(
    changed('REFUND_REVERSED', {
      notification: { signedDate: at(second) },
      purchase: { signedDate: at(second), ...purchase },
    }),
  );
}

/** The sale, as it was signed at that second. */
function charge(signed: number): WebhookRequest {
  return posted(changed('ONE_TIME_CHARGE', { purchase: { signedDate: at(signed) } }));
}

const sum = (rows: string[]) => rows.reduce((cents, row) => cents + Number(row.split(' ')[1]), 0);

describe('refunds', () => {
  test.each<[unknown, string[]]>([
    [0, []],
    [15, []],
    [15_000, ['-75']],
    [33_333, ['-166']],
    [100_000, ['-499']],
    [undefined, ['-499']],
  ])('of %p thousandths of a percent', async (part, amounts) => {
    await credit(receipts);
    const rows = amounts.map((amount) => `sandbox-${ID}-refund-1 ${amount}`);
    expect(await told(receipts, refund(part, 1))).toEqual([`sandbox-${ID} 499`, ...rows]);
  });

  test.each([100_001, -1, 0.5, '50000'])('of %p thousandths is left to a person', async (part) => {
    await credit(receipts);
    await expect(told(receipts, refund(part, 1))).rejects.toThrow(Unusable);
  });

  test('of a cent, by half, takes the cent', async () => {
    await credit(receipts, 'user1', `sandbox-${ID}`, 1);
    expect(await told(receipts, refund(50_000, 1))).toEqual([
      `sandbox-${ID} 1`,
      `sandbox-${ID}-refund-1 -1`,
    ]);
  });

  test('in two parts add up to what was credited, and never more', async () => {
    await credit(receipts);
    await told(receipts, refund(33_333, 1));
    await told(receipts, refund(100_000, 2));
    const rows = [
      `sandbox-${ID} 499`,
      `sandbox-${ID}-refund-1 -166`,
      `sandbox-${ID}-refund-2 -333`,
    ];
    expect(await told(receipts, refund(100_000, 2))).toEqual(rows);
    expect(await told(receipts, refund(33_333, 1))).toEqual(rows);
    expect(await told(receipts, refund(100_000, 3))).toEqual(rows);
  });

  test('are taken from what was credited, whatever the catalogue and the storefront say', async () => {
    await credit(receipts, 'user1', `sandbox-${ID}`, 777);
    setEnvironment({ STORE_PRODUCTS: '{"credits_499":1}' });
    expect(await told(receipts, refund(100_000, 1))).toContain(`sandbox-${ID}-refund-1 -777`);
  });

  test('taken back and made again; a late repeat changes nothing', async () => {
    await credit(receipts);
    await told(receipts, refund(100_000, 1));
    await told(receipts, reversal(2));
    await told(receipts, refund(100_000, 3));
    const rows = [
      `sandbox-${ID} 499`,
      `sandbox-${ID}-refund-1 -499`,
      `sandbox-${ID}-refund_reversed-2 499`,
      `sandbox-${ID}-refund-3 -499`,
    ];
    expect(await told(receipts, refund(100_000, 1))).toEqual(rows);
    expect(await told(receipts, reversal(2))).toEqual(rows);
  });

  test('taken back before they were told', async () => {
    await credit(receipts);
    await told(receipts, reversal(2));
    expect(await told(receipts, refund(100_000, 1))).toEqual([`sandbox-${ID} 499`]);
  });

  test('of what was never credited bar the credit', async () => {
    await receipts.claim('earlier', { uid: 'user1', accountToken: accountToken('user1') });
    expect(await told(receipts, refund(100_000, 1))).toEqual([]);
    expect(await told(receipts, charge(0))).toEqual([]);
    expect(await told(receipts, charge(1))).toEqual([]);
  });

  test('that are reversed credit a purchase that was refunded before its credit', async () => {
    await receipts.claim('earlier', { uid: 'user1', accountToken: accountToken('user1') });
    await told(receipts, refund(100_000, 1));
    expect(await told(receipts, reversal(2))).toEqual([`sandbox-${ID} 1000`]);
    expect(await told(receipts, charge(0))).toEqual([`sandbox-${ID} 1000`]);
  });

  test.each([
    ['of all', 100_000],
    ['of a part', 33_333],
  ])('%s are reversed by a purchase that was signed later and shows none', async (_, part) => {
    await credit(receipts);
    await told(receipts, refund(part, 2));
    const before = await told(receipts, charge(1));
    expect(sum(before)).toBeLessThan(499);
    expect(await told(receipts, charge(2))).toEqual(before);
    expect(sum(await told(receipts, charge(3)))).toBe(499);
    // What was signed earlier, and what repeats it, change nothing.
    await told(receipts, refund(part, 2));
    await told(receipts, reversal(3));
    expect(sum(await told(receipts, charge(4)))).toBe(499);
    expect(sum(await told(receipts, refund(100_000, 5)))).toBe(0);
  });

  test('of what was never credited are reversed by a purchase that was signed later', async () => {
    await receipts.claim('earlier', { uid: 'user1', accountToken: accountToken('user1') });
    await told(receipts, refund(100_000, 1));
    expect(await told(receipts, charge(2))).toEqual([`sandbox-${ID} 1000`]);
  });

  test('are not reversed by a purchase that was signed later and still has their date', async () => {
    await credit(receipts);
    await told(receipts, refund(100_000, 1));
    const purchase = { revocationDate: at(1), revocationPercentage: 0, signedDate: at(2) };
    const request = posted(changed('ONE_TIME_CHARGE', { purchase }));
    expect(sum(await told(receipts, request))).toBe(0);
  });

  test('that end family sharing move nothing', async () => {
    await credit(receipts);
    const request = posted(changed('REFUND', { purchase: { revocationType: 'FAMILY_REVOKE' } }));
    expect(await told(receipts, request)).toEqual([]);
  });

  test('of subscriptions are not ours', async () => {
    const request = posted(
      changed('REFUND', { purchase: { type: 'Auto-Renewable Subscription' } }),
    );
    expect(await told(receipts, request)).toEqual([]);
    expect(await receipts.find(`sandbox-${ID}`)).toBeUndefined();
  });

  test('without a purchase are left to a person', async () => {
    const { data, ...rest } = plain('REFUND');
    const { signedTransactionInfo, ...others } = data;
    expect(signedTransactionInfo).toBeDefined();
    await expect(told(receipts, posted({ ...rest, data: others }))).rejects.toThrow(Unusable);
  });

  test.each<[string, object]>([
    ['without an id', { purchase: { transactionId: 'x' } }],
    ['without a date', { purchase: { purchaseDate: undefined } }],
    ['that shows no refund', { purchase: { revocationDate: undefined } }],
    ['of the other environment', { purchase: { environment: 'Production' } }],
    ['of another app', { purchase: { bundleId: 'com.example.other' } }],
  ])('of a purchase %s are left to a person', async (_, change) => {
    await credit(receipts);
    await expect(told(receipts, posted(changed('REFUND', change)))).rejects.toThrow(Unusable);
    expect((await receipts.find(`sandbox-${ID}`))?.movements).toHaveLength(1);
  });

  test('of less than before, or of nothing, give nothing back', async () => {
    await credit(receipts);
    await told(receipts, refund(66_667, 1));
    const rows = [`sandbox-${ID} 499`, `sandbox-${ID}-refund-1 -333`];
    expect(await told(receipts, refund(33_333, 2))).toEqual(rows);
    expect(await told(receipts, refund(0, 3))).toEqual(rows);
    expect(sum(await told(receipts, refund(100_000, 4)))).toBe(0);
    expect(sum(await told(receipts, refund(0, 5)))).toBe(0);
  });

  test('of nothing lift no tombstone', async () => {
    await receipts.claim('earlier', { uid: 'user1', accountToken: accountToken('user1') });
    await told(receipts, refund(100_000, 1));
    await told(receipts, refund(0, 2));
    expect(await told(receipts, charge(0))).toEqual([]);
  });

  test('told late, of a purchase that was signed before they were taken back', async () => {
    await credit(receipts);
    await told(receipts, refund(100_000, 1));
    await told(receipts, reversal(2));
    expect(sum(await told(receipts, refund(100_000, 3, 1)))).toBe(499);
  });

  test('of which one of two is taken back, as the purchase shows', async () => {
    await credit(receipts);
    await told(receipts, refund(66_666, 1));
    const still = { revocationDate: at(1), revocationPercentage: 33_333 };
    expect(sum(await told(receipts, reversal(2, still)))).toBe(499 - 166);
  });

  test('that are taken back, of a purchase whose old date stays without a part', async () => {
    await credit(receipts);
    await told(receipts, refund(100_000, 1));
    expect(sum(await told(receipts, reversal(2, { revocationDate: at(1) })))).toBe(499);
  });
});
