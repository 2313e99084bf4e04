import { IDEMPOTENCY_KEY_LIFE_MS, MINUTE_MS, OPEN_ORDER_MS } from '../config/limits';
import { Conflict } from '../errors';
import type { Order } from './order';

/** Firestore's client repeats a create whose answer was lost for less than this. */
const JUST_NOW_MS = MINUTE_MS;

/**
 * Checks that a request with a known key asks for the order that the key has made.
 * @throws Conflict when it asks for another one, or too late.
 */
export function checkRepeat(order: Order, known: Order): void {
  if (known.uid !== order.uid || known.gateway !== order.gateway) {
    throw new Conflict('This Idempotency-Key cannot be used; use a new one.');
  }
  if (known.amountCents !== order.amountCents) {
    throw new Conflict('This Idempotency-Key was used for another amount.');
  }
  const ageMs = order.createdAt.getTime() - known.createdAt.getTime();
  // An order that counts no longer, and that its buyer has never seen, is not worth opening again.
  const lifeMs = known.gatewayRef === undefined ? OPEN_ORDER_MS : IDEMPOTENCY_KEY_LIFE_MS;
  if (ageMs > lifeMs) {
    throw new Conflict('This Idempotency-Key is too old; use a new one.');
  }
}

/** Whether the known order is the one just created, whose answer was lost. */
export function isSameCreate(order: Order, known: Order): boolean {
  return (
    known.uid === order.uid &&
    known.gateway === order.gateway &&
    known.amountCents === order.amountCents &&
    Math.abs(order.createdAt.getTime() - known.createdAt.getTime()) < JUST_NOW_MS
  );
}
