import { readCatalogue } from '../../stores/catalogue';
import { DraftReceipts, draftPending, draftUnclaimed } from '../../stores/draft-books';
import { readIsEarlier } from '../../stores/earlier-backend';
import { openPendingPurchases } from '../../stores/pending-purchases';
import { openReceipts } from '../../stores/receipts';
import { openUnclaimedPurchases } from '../../stores/unclaimed-purchases';
import { GooglePlayApi } from './api';
import { NAME, type GooglePlayConfig } from './config';
import { Purchases, type PurchasesDeps } from './purchases';
import { Voids } from './voids';

/** The two routines that bring our books in line with Google's API, and the receipts they keep. */
export interface GooglePlay {
  readonly receipts: PurchasesDeps['receipts'];
  readonly purchases: Purchases;
  readonly voids: Voids;
}

export interface GooglePlayDeps extends Pick<
  PurchasesDeps,
  'api' | 'receipts' | 'pending' | 'unclaimed' | 'now'
> {
  /** The books are read, and changes of them stay in memory. False unless told otherwise. */
  readonly isReadOnly: boolean;
}

export function openGooglePlay(
  config: GooglePlayConfig,
  given: Partial<GooglePlayDeps> = {},
): GooglePlay {
  const { api = new GooglePlayApi(config), now = () => new Date() } = given;
  const deps: PurchasesDeps = {
    mode: config.mode,
    api,
    ...openBooks(given),
    catalogue: readCatalogue(),
    isEarlier: readIsEarlier(),
    now,
  };
  const purchases = new Purchases(deps);
  return { receipts: deps.receipts, purchases, voids: new Voids(deps, purchases) };
}

function openBooks(
  given: Partial<GooglePlayDeps>,
): Pick<PurchasesDeps, 'receipts' | 'pending' | 'unclaimed'> {
  const { receipts = openReceipts(NAME), isReadOnly = false } = given;
  if (isReadOnly) {
    const draft = new DraftReceipts(receipts);
    return { receipts: draft, pending: draftPending, unclaimed: draftUnclaimed };
  }
  const { pending = openPendingPurchases(NAME), unclaimed = openUnclaimedPurchases(NAME) } = given;
  return { receipts, pending, unclaimed };
}
