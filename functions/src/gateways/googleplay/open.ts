import { openPendingPurchases } from '../../stores/pending-purchases';
import { openReceipts } from '../../stores/receipts';
import { readCatalogue } from '../../stores/catalogue';
import { NAME, type PlayConfig } from './config';
import { PlayApi } from './play-api';
import { Purchases, type PurchaseParts } from './purchases';
import { Voids } from './voids';

/** What a test may put in the place of the real thing. */
export type GivenParts = Partial<Pick<PurchaseParts, 'receipts' | 'open' | 'now'>>;

/** Google Play, as the functions use it. */
export interface Store {
  readonly play: PlayApi;
  readonly purchases: Purchases;
  readonly voids: Voids;
}

export function openStore(config: PlayConfig, given: GivenParts = {}): Store {
  const play = new PlayApi(config);
  const parts: PurchaseParts = {
    mode: config.mode,
    play,
    receipts: given.receipts ?? openReceipts(NAME),
    open: given.open ?? openPendingPurchases(NAME),
    catalogue: readCatalogue(),
    now: given.now ?? (() => new Date()),
  };
  const purchases = new Purchases(parts);
  return { play, purchases, voids: new Voids(parts, purchases) };
}
