import { openFirestore } from '../../firestore';
import { OpenPurchases } from '../../ledger/open-purchases';
import { openReceipts } from '../../ledger/receipts';
import { readCatalogue } from '../../stores/catalogue';
import { NAME, type PlayConfig } from './config';
import { PlayApi } from './play-api';
import { Purchases, type PurchaseParts } from './purchases';

/** What a test may put in the place of the real thing. */
export type GivenParts = Partial<Pick<PurchaseParts, 'receipts' | 'open' | 'now'>>;

export function openPurchases(config: PlayConfig, given: GivenParts = {}): Purchases {
  return new Purchases({
    mode: config.mode,
    play: new PlayApi(config),
    receipts: given.receipts ?? openReceipts(NAME),
    open: given.open ?? new OpenPurchases(openFirestore(), NAME),
    catalogue: readCatalogue(),
    now: given.now ?? (() => new Date()),
  });
}
