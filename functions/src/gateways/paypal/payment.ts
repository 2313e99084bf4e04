import { NotFound, Unusable } from '../../errors';
import type { Reported } from '../../movement';
import type { Order } from '../../orders/order';
import { correctionOf, hasFailed, paymentOf, reversalId, reversalOf, reviewOf } from './captures';
import { Refusal } from './client';
import type { Hint } from './hints';
import {
  isBooked,
  isReversed,
  kindOfReversal,
  readCapture,
  readRefundsOf,
  type MovementsDeps,
} from './movements';
import type { Capture, Refund } from './objects';

/**
 * Reads all that a capture has moved, as it stands now. Empty when it is not ours.
 * @throws NotFound when PayPal does not know the capture. Unusable when it cannot be read.
 */
export async function readPayment(deps: MovementsDeps, hint: Hint): Promise<readonly Reported[]> {
  const { capture, order } = await readCapture(deps, hint.captureId);
  if (order === undefined) return [];
  // PayPal may have forgotten its order, long after it was paid.
  const refunds = await ifKnown(() => readRefundsOf(capture, order, deps.api));
  return readMovementsOf({ capture, order, refunds }, hint, deps);
}

/** A capture of our order. */
export interface OwnCapture {
  readonly capture: Capture;
  readonly order: Order;
  /** Its refunds and reversals. Undefined when PayPal's order, which has them, is not known. */
  readonly refunds: readonly Refund[] | undefined;
}

/**
 * All that a capture has moved, by the rules of its events. An Unusable stands in place of each object
 * that no row can be made of; where that is the capture, it stands alone.
 */
export async function readMovementsOf(
  { capture, order, refunds }: OwnCapture,
  hint: Hint,
  deps: MovementsDeps,
): Promise<readonly Reported[]> {
  const { id } = capture;
  const hinted = await readHinted(id, refunds ?? [], hint, deps);
  const all = [...(refunds ?? []), ...hinted.found];
  const review = all.length === 0 ? reviewOf(capture, order) : [];
  const payment = report(id, () => [...paymentOf(capture, order), ...review]);
  if (payment.some((one) => one instanceof Unusable)) return payment;
  const own = refunds === undefined ? all : await withoutReversal(capture, all, deps);
  const isTold = own.length < all.length;
  const reversalIds = await reversalsIn(own, hint, deps);
  const corrections = own.flatMap((refund) => {
    const kind = reversalIds.has(refund.id) ? 'dispute' : 'refund';
    return report(refund.id, () => correctionOf(refund, capture, order, kind));
  });
  const isExpected =
    isTold || hint.isReversed || hinted.lacksReversal || showsReversal(capture, all);
  const reversals =
    isExpected && refunds !== undefined
      ? report(reversalId(capture), () => reversalOf(capture, own, order))
      : [];
  return [...payment, ...corrections, ...reversals, ...returnsOf(capture, hint)];
}

/** Reads the refunds that a hint names and PayPal's order lacks. */
async function readHinted(
  captureId: string,
  known: readonly Refund[],
  { refundIds, reversalIds }: Hint,
  { api }: MovementsDeps,
): Promise<{ readonly found: readonly Refund[]; readonly lacksReversal: boolean }> {
  const found: Refund[] = [];
  let lacksReversal = false;
  for (const refundId of refundIds) {
    if (known.some(({ id }) => id === refundId)) continue;
    const refund = await ifKnown(() => api.readRefund(refundId));
    if (refund?.links.captureId === captureId) found.push(refund);
    else if (reversalIds.has(refundId)) lacksReversal = true;
  }
  return { found, lacksReversal };
}

/**
 * The refunds without the one that is the reversal which is booked as the capture's. PayPal does not
 * say which one that is: it has no row of its own.
 */
async function withoutReversal(
  capture: Capture,
  refunds: readonly Refund[],
  deps: MovementsDeps,
): Promise<readonly Refund[]> {
  const isCovered = capture.status === 'REFUNDED' && refunds.length > 0;
  if (!isCovered || leftOf(capture, refunds) > 0 || !(await isReversed(capture, deps))) {
    return refunds;
  }
  const own: Refund[] = [];
  for (const refund of refunds) {
    if (hasFailed(refund) || (await isBooked(refund, deps))) own.push(refund);
  }
  return own;
}

/** The refunds that are told as reversals. */
async function reversalsIn(
  refunds: readonly Refund[],
  { reversalIds }: Hint,
  deps: MovementsDeps,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const refund of refunds.filter(({ id }) => reversalIds.has(id))) {
    if ((await kindOfReversal(refund, deps)) === 'dispute') found.add(refund.id);
  }
  return found;
}

/**
 * Whether PayPal has taken more back than its refunds say. After a refund that failed the status of the
 * capture proves nothing.
 */
function showsReversal(capture: Capture, refunds: readonly Refund[]): boolean {
  return capture.status === 'REFUNDED' && !refunds.some(hasFailed);
}

/** In cents; amounts in another currency count as 0. */
function leftOf({ amount }: Capture, refunds: readonly Refund[]): number {
  return refunds
    .filter((refund) => !hasFailed(refund))
    .reduce((cents, refund) => cents - (refund.amount ?? 0), amount ?? 0);
}

function returnsOf({ id }: Capture, { isReturned }: Hint): Unusable[] {
  if (!isReturned) return [];
  const about = `${id}-returned`;
  return [new Unusable('A reversal was taken back: credit it by hand.', { about })];
}

function report(about: string, make: () => readonly Reported[]): readonly Reported[] {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return [new Unusable(error.message, { cause: error, about })];
  }
}

/**
 * Reads an object. Undefined when PayPal does not know it.
 * @throws Unusable when PayPal refuses to read it.
 */
export async function ifKnown<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    if (error instanceof Refusal) throw new Unusable(error.message, { cause: error });
    throw error;
  }
}
