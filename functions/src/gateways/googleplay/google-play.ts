import { readCatalogue } from '../../stores/catalogue';
import { readIsEarlier } from '../../stores/earlier-backend';
import { openPendingPurchases } from '../../stores/pending-purchases';
import { openReceipts } from '../../stores/receipts';
import { openUnclaimedPurchases } from '../../stores/unclaimed-purchases';
import { GooglePlayApi } from './api';
import { NAME, type GooglePlayConfig } from './config';
import { Purchases, type PurchasesDeps } from './purchases';
import { Voids } from './voids';

/** Google's API, and the two routines that bring our books in line with it. */
export interface GooglePlay {
  readonly api: GooglePlayApi;
  readonly purchases: Purchases;
  readonly voids: Voids;
}

export type GooglePlayDeps = Pick<PurchasesDeps, 'receipts' | 'pending' | 'unclaimed' | 'now'>;

export function openGooglePlay(
  config: GooglePlayConfig,
  given: Partial<GooglePlayDeps> = {},
): GooglePlay {
  const api = new GooglePlayApi(config);
  const deps: PurchasesDeps = {
    mode: config.mode,
    api,
    receipts: given.receipts ?? openReceipts(NAME),
    pending: given.pending ?? openPendingPurchases(NAME),
    unclaimed: given.unclaimed ?? openUnclaimedPurchases(NAME),
    catalogue: readCatalogue(),
    isEarlier: readIsEarlier(),
    now: given.now ?? (() => new Date()),
  };
  const purchases = new Purchases(deps);
  return { api, purchases, voids: new Voids(deps, purchases) };
}
