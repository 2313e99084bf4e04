import { Misconfigured, Unauthentic, Unusable } from '../../../../functions/src/errors.ts';
import { newAuthority, signJws } from '../../../standins/appstore/authority.ts';
import {
  authority,
  changed,
  liveConfig,
  plain,
  readerOf,
  signedPayload,
  testConfig,
} from './bench.ts';

/** Rightly signed, and not what it should be. */

const live = readerOf(liveConfig);
const purchase = { ...plain('REFUND').data.signedTransactionInfo, environment: 'Production' };

function production(name: string) {
  const { appAppleId } = liveConfig;
  return changed(name, {
    data: { environment: 'Production', appAppleId },
    purchase: { environment: 'Production' },
  });
}

describe('the wrong kind of token', () => {
  test('a notification where a purchase belongs', async () => {
    const jws = signedPayload(production('REFUND'));
    await expect(live.transaction(jws)).rejects.toThrow(Unauthentic);
  });

  test('a purchase where a notification belongs', async () => {
    const jws = signJws(purchase, authority);
    await expect(live.notification(jws)).rejects.toThrow(Unauthentic);
  });

  test.each<[string, object]>([
    ['no id', { transactionId: undefined }],
    ['a path for an id', { transactionId: '../notifications/test' }],
    ['a query for an id', { transactionId: '1?x=1#' }],
    ['an endless id', { transactionId: '1'.repeat(10_000) }],
    ['an empty id', { transactionId: '' }],
    ['no product', { productId: undefined }],
    ['no date', { purchaseDate: undefined }],
    ['a date after the year 9999', { purchaseDate: 253_402_300_800_000 }],
    ['a date that is none', { purchaseDate: 8_640_000_000_000_001 }],
    ['a refund after the year 9999', { revocationDate: 253_402_300_800_000 }],
    ['a quantity in quotes', { quantity: '1' }],
    ['an id that is a number', { transactionId: 410_000 }],
  ])('a purchase with %s', async (_, patch) => {
    const jws = signJws({ ...purchase, ...patch }, authority);
    await expect(live.transaction(jws)).rejects.toThrow(Unusable);
  });

  test('a field of a new form, which we do not read, harms nothing', async () => {
    const jws = signJws({ ...purchase, storefront: 143_441 }, authority);
    const usual = await live.transaction(signJws(purchase, authority));
    expect(await live.transaction(jws)).toEqual(usual);
  });
});

describe('the purchase within a notification is proven on its own', () => {
  const signed = production('REFUND');
  const around = (signedTransactionInfo: string) => {
    const { data, ...rest } = signed;
    return signJws({ ...rest, data: { ...data, signedTransactionInfo } }, authority);
  };

  test.each([
    ['signed by somebody else', signJws(purchase, newAuthority())],
    ['of another app', signJws({ ...purchase, bundleId: 'com.example.other' }, authority)],
    ['of another environment', signJws({ ...purchase, environment: 'Sandbox' }, authority)],
    ['that is none', 'word'],
  ])('%s: the notification is, and is not lost', async (_, info) => {
    const { type, transaction } = await live.notification(around(info));
    expect([type, transaction]).toEqual(['REFUND', expect.any(Unusable)]);
  });
});

describe('a notification of the real store under another number of the app', () => {
  const other = (change: object = {}) =>
    signedPayload(
      changed('REFUND', {
        data: { environment: 'Production', appAppleId: 1, ...change },
        purchase: { environment: 'Production' },
      }),
    );

  test('is a wrong APPSTORE_APP_APPLE_ID where it is for our bundle', async () => {
    await expect(live.notification(other())).rejects.toThrow(Misconfigured);
    await expect(live.notification(other())).rejects.toThrow(/APPSTORE_APP_APPLE_ID/);
  });

  test('is not ours where it is for another bundle', async () => {
    const jws = other({ bundleId: 'com.example.other' });
    await expect(live.notification(jws)).rejects.toThrow(Unauthentic);
  });

  test('proves nothing where Apple has not signed it, or a test deployment gets it', async () => {
    const forged = signedPayload(production('REFUND'), newAuthority());
    await expect(live.notification(forged)).rejects.toThrow(Unauthentic);
    await expect(readerOf(testConfig).notification(other())).rejects.toThrow(Unauthentic);
  });
});
