import { Conflict, Malformed, Unauthentic } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { openReceipts, type ReceiptBook } from '../../stores/receipts';
import { openPipeline } from '../../pipeline';
import { readCatalogue } from '../../stores/catalogue';
import { claimantOf, ingestClaim } from '../../stores/claim';
import { mayUseSandbox } from '../../stores/reviewers';
import type { createTransaction } from './calls';
import { NAME, readAppConfig, type AppConfig } from './config';
import type { Transaction } from './events';
import { checkAccount, creditTo, modeOf, traceOf } from './sales';
import { Verifier } from './verifier';

export interface Checkout {
  /** Credits the caller with a purchase that StoreKit has given to the app. */
  createTransaction(call: Call<typeof createTransaction>): Promise<Reply<typeof createTransaction>>;
}

export function openCheckout(
  config: AppConfig = readAppConfig(),
  receipts: ReceiptBook = openReceipts(NAME),
): Checkout {
  const verifier = new Verifier(config);
  const catalogue = readCatalogue();
  return {
    async createTransaction({ input, caller: { uid } }) {
      const owner = claimantOf(uid);
      const transaction = await proven(verifier, input.signed_transaction);
      checkAccount(transaction, owner);
      checkEnvironment(transaction, uid, config);
      const trace = traceOf(transaction);
      const event = { id: trace.receiptId, type: 'transaction', ...trace };
      await ingestClaim(await openPipeline(), { gateway: NAME, event }, async () => {
        const movements = await creditTo(owner, transaction, receipts, catalogue);
        if (movements.length === 0) throw new Conflict('This purchase was refunded.');
        return { movements };
      });
      return { result: 'success' };
    },
  };
}

/** A 401 would sign the user out of the app, and the user is not who is in doubt. */
async function proven(verifier: Verifier, jws: string): Promise<Transaction> {
  try {
    return await verifier.transaction(jws);
  } catch (error) {
    if (error instanceof Unauthentic) throw new Malformed(error.message, { cause: error });
    throw error;
  }
}

/** Not a 403, which apps show as an account on hold. */
function checkEnvironment(transaction: Transaction, uid: string, { mode }: AppConfig): void {
  if (modeOf(transaction) === 'live' || mayUseSandbox(uid, mode)) return;
  throw new Conflict('Purchases of the sandbox count for nothing here.');
}
