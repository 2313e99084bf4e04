import { Conflict, Malformed, Unauthentic } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { openPipeline } from '../../pipeline';
import { readCatalogue } from '../../stores/catalogue';
import { claimantOf, ingestClaim } from '../../stores/claim';
import { EARLIER, readIsEarlier } from '../../stores/earlier-backend';
import type { ReceiptOwner } from '../../stores/receipt';
import { openReceipts, type ReceiptBook } from '../../stores/receipts';
import { mayUseSandbox } from '../../stores/reviewers';
import {
  claimReported,
  openUnclaimedPurchases,
  type UnclaimedPurchaseBook,
} from '../../stores/unclaimed-purchases';
import type { createTransaction } from './calls';
import { NAME, readConfig, type AppStoreConfig } from './config';
import { parseTransaction, type Transaction } from './events';
import {
  checkAccount,
  creditTo,
  isOfEarlierBackend,
  modeOf,
  NothingPaid,
  receiptIdOf,
  toTrace,
} from './sales';
import { checkTransaction, openVerifiers, type Verifiers } from './signature';

export interface CheckoutDeps {
  readonly config: AppStoreConfig;
  readonly receipts: ReceiptBook;
  readonly unclaimed: UnclaimedPurchaseBook;
}

export interface Checkout {
  /** Credits the caller with a purchase that StoreKit gave to the app. */
  createTransaction(call: Call<typeof createTransaction>): Promise<Reply<typeof createTransaction>>;
}

export function openCheckout(deps: Partial<CheckoutDeps> = {}): Checkout {
  const { config = readConfig(), receipts = openReceipts(NAME) } = deps;
  const { unclaimed = openUnclaimedPurchases(NAME) } = deps;
  const verifiers = openVerifiers(config);
  const catalogue = readCatalogue();
  const isEarlier = readIsEarlier();

  /** Credits a purchase to its claimant. */
  async function claim(transaction: Transaction, owner: ReceiptOwner): Promise<Answer> {
    checkAccount(transaction, owner);
    checkEnvironment(transaction, owner.uid, config);
    if (await isOfEarlierBackend(transaction, receipts, isEarlier)) throw new Conflict(EARLIER);
    const trace = toTrace(transaction);
    const event = { id: trace.receiptId, type: 'transaction', ...trace };
    const source = { gateway: NAME, event };
    const credited = await ingestClaim(await openPipeline(), source, async () => {
      return { movements: await creditTo(owner, transaction, receipts, catalogue, config.mode) };
    }).catch(toNothingPaid);
    if (credited instanceof NothingPaid) return { result: 'finish', reason: credited.never };
    // All of it was refunded before its credit.
    if (credited.movements.length === 0) return { result: 'finish', reason: 'refunded' };
    return { result: 'success' };
  }

  return {
    async createTransaction({ input, caller: { uid } }) {
      const owner = claimantOf(uid);
      const transaction = await readTransaction(input.signed_transaction, verifiers);
      const answer = await claim(transaction, owner);
      await claimReported(unclaimed, owner, receiptIdOf(transaction), async ({ proof }) => {
        await claim(await readTransaction(proof, verifiers), owner);
      });
      return answer;
    },
  };
}

type Answer = Reply<typeof createTransaction>;

/** Answers 400 for a wrong signature: at a 401 the app would sign its user out. */
async function readTransaction(jws: string, verifiers: Verifiers): Promise<Transaction> {
  try {
    return parseTransaction(await checkTransaction(jws, verifiers));
  } catch (error) {
    if (error instanceof Unauthentic) throw new Malformed(error.message, { cause: error });
    throw error;
  }
}

/** An answer and not a refusal: after a refusal, the app would send the purchase for ever. */
function toNothingPaid(error: unknown): NothingPaid {
  if (error instanceof NothingPaid) return error;
  throw error;
}

/** Answers 409, because apps show a 403 as an account on hold. */
function checkEnvironment(transaction: Transaction, uid: string, { mode }: AppStoreConfig): void {
  if (modeOf(transaction) === 'live' || mayUseSandbox(uid, mode)) return;
  throw new Conflict('Purchases of the sandbox count for nothing here.');
}
