import { Conflict } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { log } from '../../log';
import { openPipeline } from '../../pipeline';
import { claimantOf, ingestClaim } from '../../stores/claim';
import type { createTransaction } from './calls';
import { NAME, readPlayConfig } from './config';
import { openStore } from './open';
import { receiptIdOf, type Purchases, type Settled } from './purchases';

export interface Checkout {
  createTransaction(call: Call<typeof createTransaction>): Promise<Reply<typeof createTransaction>>;
}

export function openCheckout(): Checkout {
  const { purchases } = openStore(readPlayConfig());
  return {
    async createTransaction({ input, caller: { uid } }) {
      const owner = claimantOf(uid);
      const { purchase_token: token, product_id: productId } = input;
      const receiptId = receiptIdOf(token);
      const event = { id: `claim_${receiptId}`, type: 'claim', receiptId, productId };
      const settled = await ingestClaim(await openPipeline(), { gateway: NAME, event }, () =>
        purchases.settle(token, { owner, productId }),
      );
      await finish(purchases, token, settled);
      return { result: resultOf(settled) };
    },
  };
}

/** Credited first, then consumed. What fails here is the schedule's to repeat: the money is there. */
async function finish(purchases: Purchases, token: string, settled: Settled): Promise<void> {
  if (settled.standing === 'pending' || settled.purchase.isConsumed) return;
  try {
    await purchases.finish(token, settled);
  } catch (error) {
    log.failure(error, { gateway: NAME, function: 'googleplay-createTransaction' });
  }
}

function resultOf({ standing }: Settled): Reply<typeof createTransaction>['result'] {
  switch (standing) {
    case 'credited':
      return 'success';
    case 'pending':
      return 'pending';
    case 'unpaid':
      throw new Conflict('Nothing was paid for this purchase.');
    case 'refunded':
      throw new Conflict('This purchase was refunded or cancelled.');
    case 'barred':
    case 'unclaimed':
      throw new Error('a claim is refused, or makes its claimant the owner');
  }
}
