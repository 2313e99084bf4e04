import { Unusable } from '../../../../functions/src/errors.ts';
import type { AppStoreConfig } from '../../../../functions/src/gateways/appstore/config.ts';
import {
  parseEvent,
  parseTransaction,
} from '../../../../functions/src/gateways/appstore/events.ts';
import { openGateway } from '../../../../functions/src/gateways/appstore/gateway.ts';
import {
  checkSignature,
  checkTransaction,
  openVerifiers,
} from '../../../../functions/src/gateways/appstore/signature.ts';
import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import type { ReceiptBook } from '../../../../functions/src/stores/receipts.ts';
import { accountToken } from '../../../../functions/src/stores/account-token.ts';
import type { UnclaimedPurchaseBook } from '../../../../functions/src/stores/unclaimed-purchases.ts';
import { memoryUnclaimed } from '../../../harness/receipts.ts';
import { fixture } from '../../../contract/gateway-contract.ts';
import { newAuthority, signJws, type Authority } from '../../../standins/appstore/authority.ts';

/** An Apple of our own. */
export const authority = newAuthority();

/** The app of the fixtures, as a test deployment is configured for it. */
export const testConfig: AppStoreConfig = {
  mode: 'test',
  bundleId: 'com.example.numbers',
  appAppleId: undefined,
  root: authority.root.der,
};

export const liveConfig: AppStoreConfig = {
  ...testConfig,
  mode: 'live',
  appAppleId: 6_400_000_001,
};

/** What the variables say of what is not passed as an argument. */
export const variables = {
  PAYMENTS_MODE: 'test',
  APPSTORE_BUNDLE_ID: testConfig.bundleId,
  APPSTORE_ROOT_CERTIFICATE: authority.root.der.toString('base64'),
  APPSTORE_PRIVATE_KEY: 'none',
  STORE_PRODUCTS: '{"credits_500":500,"credits_499":499}',
};

type Fields = Record<string, unknown>;

/** A notification before it is signed; `signedTransactionInfo` is a purchase, not yet a JWS. */
export interface Plain extends Fields {
  data: Fields & { signedTransactionInfo?: Fields };
}

export function plain(name: string): Plain {
  return JSON.parse(fixture('appstore', name).toString()) as Plain;
}

/** A fixture with other fields: of the notification, its data, its purchase. */
export function changed(
  name: string,
  change: { readonly notification?: Fields; readonly data?: Fields; readonly purchase?: Fields },
): Plain {
  const { data, ...rest } = plain(name);
  const purchase = data.signedTransactionInfo;
  return {
    ...rest,
    ...change.notification,
    data: {
      ...data,
      ...(purchase && { signedTransactionInfo: { ...purchase, ...change.purchase } }),
      ...change.data,
    },
  };
}

/** Signs the purchase, and the notification around it. A test may put anything in their place. */
export function signedPayload({ data, ...rest }: Plain, by: Authority = authority): string {
  if (!isObject(data)) return signJws({ ...rest, data }, by);
  const { signedTransactionInfo: purchase, ...others } = data;
  if (!isObject(purchase)) return signJws({ ...rest, data }, by);
  const signedTransactionInfo = signJws(purchase, by);
  return signJws({ ...rest, data: { ...others, signedTransactionInfo } }, by);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

export function requestOf(body: unknown): WebhookRequest {
  const raw = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: raw };
}

/** A notification as Apple posts it. */
export function posted(notification: Plain, by: Authority = authority): WebhookRequest {
  return requestOf({ signedPayload: signedPayload(notification, by) });
}

/** Checks and reads signed data as a deployment of this configuration does. */
export function readerOf(config: AppStoreConfig) {
  const verifiers = openVerifiers(config);
  return {
    transaction: async (jws: string) => parseTransaction(await checkTransaction(jws, verifiers)),
    notification: async (jws: string) =>
      parseEvent(await checkSignature(requestOf({ signedPayload: jws }), verifiers), (purchase) =>
        checkTransaction(purchase, verifiers),
      ),
  };
}

/** The id of the fixtures' purchase. */
export const ID = '410000000000017';

/** What a notification comes to, as `id cents`. */
export async function told(
  receipts: ReceiptBook,
  request: WebhookRequest,
  config: AppStoreConfig = testConfig,
  unclaimed: UnclaimedPurchaseBook = memoryUnclaimed(),
): Promise<string[]> {
  const gateway = openGateway({ config, receipts, unclaimed });
  const movements = await gateway.movements(await gateway.verify(request));
  return movements.map((told) => {
    if ('review' in told) throw new Error('Apple holds nothing for a check');
    return told instanceof Unusable ? told.message : `${told.id} ${told.amountCents}`;
  });
}

/** Credits the fixtures' purchase, as one of a single piece. */
export async function credit(
  receipts: ReceiptBook,
  uid = 'user1',
  id = `sandbox-${ID}`,
  amountCents = 499,
): Promise<void> {
  await receipts.credit(id, {
    owner: { uid, accountToken: accountToken(uid) },
    productId: 'credits_499',
    quantity: 1,
    movementId: id,
    amountCents,
    mode: 'test',
    occurredAt: new Date(0),
  });
}
