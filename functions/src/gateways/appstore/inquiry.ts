import { z } from 'zod';
import { NotFound, Unauthentic, Unusable } from '../../errors';
import type { AskedPayment } from '../../gateway';
import type { Reported } from '../../movement';
import type { AppStoreApi } from './api';
import { parseTransaction, type Transaction } from './events';
import { readPresent, type MovementsDeps } from './movements';
import { NothingPaid, receiptIdOf } from './sales';

export interface InquiryDeps extends MovementsDeps {
  readonly apple: Pick<AppStoreApi, 'readTransaction'>;
  /** Returns the purchase of a JWS, or throws Unauthentic. */
  readonly checkTransaction: (jws: string) => Promise<unknown>;
}

/** The id of a receipt, which is its payment's too. The sandbox's have a prefix. */
const receiptId = z.string().regex(/^(sandbox-)?\d{1,20}$/);

/**
 * Asks Apple about one purchase, and returns all that it has moved. Empty when Apple does not know it,
 * when its buyer paid nothing, and for a purchase of the environment that this deployment's key is not
 * used for.
 * @throws Unusable when no row can be made of it.
 * @throws Unavailable when Apple or Firestore does not answer.
 * @throws Misconfigured when Apple refuses our key.
 */
export async function inquire(
  { paymentId, ref }: AskedPayment,
  deps: InquiryDeps,
): Promise<readonly Reported[]> {
  const { data: id } = receiptId.safeParse(paymentId ?? ref);
  const isSandbox = id?.startsWith('sandbox-') === true;
  if (id === undefined || isSandbox !== (deps.mode === 'test')) return [];
  const proof = await readProof(id.replace('sandbox-', ''), deps.apple);
  if (proof === undefined) return [];
  const transaction = await readTransaction(proof, deps);
  // Another purchase than the one that was asked for is no answer.
  if (receiptIdOf(transaction) !== id) return [];
  try {
    return await readPresent(transaction, proof, deps);
  } catch (error) {
    if (error instanceof NothingPaid) return [];
    throw error;
  }
}

async function readProof(id: string, apple: InquiryDeps['apple']): Promise<string | undefined> {
  try {
    return await apple.readTransaction(id);
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

async function readTransaction(proof: string, deps: InquiryDeps): Promise<Transaction> {
  try {
    return parseTransaction(await deps.checkTransaction(proof));
  } catch (error) {
    if (!(error instanceof Unauthentic)) throw error;
    throw new Unusable(`The purchase that Apple returned: ${error.message}`, { cause: error });
  }
}

const stored = z.object({ receiptId });

/** The purchase that a parked event names. */
export function subjectOf(event: unknown): AskedPayment | undefined {
  const { data } = stored.safeParse(event);
  return data && { orderId: null, ref: null, paymentId: data.receiptId };
}
