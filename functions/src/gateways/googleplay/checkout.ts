import { Conflict } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { log } from '../../log';
import { openPipeline } from '../../pipeline';
import { claimantOf, ingestClaim } from '../../stores/claim';
import { EARLIER } from '../../stores/earlier-backend';
import type { ReceiptOwner } from '../../stores/receipt';
import {
  claimReported,
  openUnclaimedPurchases,
  type UnclaimedPurchaseBook,
} from '../../stores/unclaimed-purchases';
import type { createTransaction } from './calls';
import { NAME, readConfig } from './config';
import { openGooglePlay } from './google-play';
import type { Purchase } from './objects';
import { receiptIdOf, type Purchases, type SyncedPurchase } from './purchases';
import { UnknownTokens } from './unknown-tokens';

export interface CheckoutDeps {
  readonly purchases: Pick<Purchases, 'read' | 'applyPurchase' | 'finish'>;
  readonly unclaimed: UnclaimedPurchaseBook;
}

export interface Checkout {
  /** Credits the caller with a purchase, then consumes it. */
  createTransaction(call: Call<typeof createTransaction>): Promise<Reply<typeof createTransaction>>;
}

export function openCheckout(deps: Partial<CheckoutDeps> = {}): Checkout {
  const { purchases = openGooglePlay(readConfig()).purchases } = deps;
  const { unclaimed = openUnclaimedPurchases(NAME) } = deps;
  const unknown = new UnknownTokens(Date.now);

  /** Credits a purchase to its claimant, then consumes it. */
  async function claim(
    token: string,
    owner: ReceiptOwner,
    productId: string | null,
    read: () => Promise<Purchase>,
  ): Promise<SyncedPurchase> {
    const receiptId = receiptIdOf(token);
    const event = { id: `claim_${receiptId}`, type: 'claim', receiptId, productId };
    const source = { gateway: NAME, event };
    const synced = await ingestClaim(await openPipeline(), source, async () =>
      purchases.applyPurchase(token, await read(), { owner, productId }),
    );
    await finish(purchases, token, synced);
    if (synced.standing === 'unpaid') {
      log.warn('a promotion without an order credits nothing', {
        gateway: NAME,
        event_id: event.id,
      });
    }
    return synced;
  }

  return {
    async createTransaction({ input, caller: { uid } }) {
      const owner = claimantOf(uid);
      const { purchase_token: token, product_id: productId } = input;
      const receiptId = receiptIdOf(token);
      const synced = await claim(token, owner, productId, () =>
        unknown.ask(uid, receiptId, () => purchases.read(token)),
      );
      await claimReported(unclaimed, owner, receiptId, async ({ proof }) => {
        await claim(proof, owner, null, () => purchases.read(proof));
      });
      return { result: toResult(synced) };
    },
  };
}

/** Consumes a purchase after its credit. The schedule repeats a failure, as the money is booked. */
async function finish(
  purchases: CheckoutDeps['purchases'],
  token: string,
  synced: SyncedPurchase,
): Promise<void> {
  if (synced.standing === 'pending' || synced.purchase.isConsumed) return;
  try {
    await purchases.finish(token, synced);
  } catch (error) {
    log.failure(error, { gateway: NAME, function: 'googleplay-createTransaction' });
  }
}

function toResult({ standing }: SyncedPurchase): Reply<typeof createTransaction>['result'] {
  switch (standing) {
    case 'credited':
      return 'success';
    case 'pending':
      return 'pending';
    case 'unpaid':
      throw new Conflict('Nothing was paid for this purchase.');
    case 'refunded':
      throw new Conflict('This purchase was refunded or cancelled.');
    case 'earlier':
      throw new Conflict(EARLIER);
    case 'barred':
    case 'unclaimed':
    case 'ownerless':
      throw new Error('a claim is refused, or makes its claimant the owner');
  }
}
