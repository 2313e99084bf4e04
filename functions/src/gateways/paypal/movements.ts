import { Misconfigured, NotFound, Unavailable, Unusable } from '../../errors';
import type { Ledger } from '../../ledger/ledger';
import { log } from '../../log';
import type { Reported } from '../../movement';
import type { Order } from '../../orders/order';
import { findOurOrder } from '../../orders/ours';
import { correctionOf, hasFailed, paymentOf, reversalId, reversalOf, reviewOf } from './captures';
import { Refusal } from './client';
import { NAME } from './config';
import type { PayPalEvent } from './events';
import type { Capture, PayPalOrder, Refund } from './objects';
import { findOrderOfCapture, type OwnershipDeps } from './ours';

export interface MovementsDeps extends OwnershipDeps {
  readonly ledger: Pick<Ledger, 'paidCents'>;
}

/**
 * Reads from PayPal's API what an event moved. Nothing but the id of the object is taken from the
 * event itself.
 * @throws Unusable when PayPal's API does not confirm the event, or it does not match our order.
 * @throws Unavailable when PayPal's API does not answer, or is behind its own event.
 */
export async function readMovements(
  event: PayPalEvent,
  deps: MovementsDeps,
): Promise<readonly Reported[]> {
  try {
    return await readSubject(event, deps);
  } catch (error) {
    const isUnknown = error instanceof NotFound || error instanceof Refusal;
    if (!isUnknown && !(error instanceof Misconfigured)) throw error;
    // PayPal may forbid the app to read what another account was paid.
    if (await isForeign(event, deps)) return [];
    if (!isUnknown) throw error;
    // The credentials may be of another app than the webhook. The event must be kept even then.
    throw new Unusable(error.message, { cause: error });
  }
}

/** Whether an object says of itself that it is not ours, so that it need not be read, or cannot be. */
export async function isForeign(
  { claim }: Pick<PayPalEvent, 'claim'>,
  { config, orders }: MovementsDeps,
): Promise<boolean> {
  if (claim.payeeId !== undefined && claim.payeeId !== config.merchantId) return true;
  if (claim.customId === undefined) return false;
  const wanted = { orderId: claim.customId, gateway: NAME, mode: config.mode };
  return (await findOurOrder(orders, wanted)) === undefined;
}

async function readSubject(event: PayPalEvent, deps: MovementsDeps): Promise<readonly Reported[]> {
  const { id, type, subject, objectId } = event;
  switch (subject) {
    case 'nothing':
      return [];
    case 'notice':
      if (await isForeign(event, deps)) return [];
      log.alert('PayPal reports what a person should see', {
        event_id: id,
        event_type: type,
        next_step: "Look at the dispute in PayPal's Resolution Center, and answer it in time.",
      });
      return [];
    case 'obsolete':
      throw new Unusable('The webhook sends resources of version 1.0; subscribe to 2.0.');
    case 'capture':
      return readPayment(deps, expectId(objectId));
    case 'hold':
      return readHold(deps, expectId(objectId));
    case 'captureReversal':
      return readReversedCapture(deps, expectId(objectId));
    case 'refund':
    case 'refundFailure':
    case 'reversal':
      return readRefund(deps, expectId(objectId), subject);
  }
}

function expectId(objectId: string | undefined): string {
  if (objectId === undefined) throw new Unusable('The event names no capture and no refund.');
  return objectId;
}

async function readPayment(deps: MovementsDeps, captureId: string): Promise<readonly Reported[]> {
  const { capture, order } = await readCapture(deps, captureId);
  if (order === undefined) return [];
  // PayPal's API is behind its own event: with this error PayPal sends the event again.
  if (capture.status === 'PENDING') throw new Unavailable('The capture is still pending.');
  return [...paymentOf(capture, order), ...reviewOf(capture, order)];
}

async function readHold(deps: MovementsDeps, captureId: string): Promise<readonly Reported[]> {
  const { capture, order } = await readCapture(deps, captureId);
  return order === undefined ? [] : reviewOf(capture, order);
}

async function readRefund(
  deps: MovementsDeps,
  refundId: string,
  subject: 'refund' | 'refundFailure' | 'reversal',
): Promise<readonly Reported[]> {
  const refund = await deps.api.readRefund(refundId);
  const { captureId } = refund.links;
  if (captureId === undefined) throw new Unusable('The refund does not name its capture.');
  const { capture, order } = await readCapture(deps, captureId);
  if (order === undefined) return [];
  if (subject === 'refundFailure' && !hasFailed(refund)) {
    throw new Unavailable("PayPal's API is behind its own event.");
  }
  const payment = paymentOf(capture, order);
  const isReversal = subject === 'reversal';
  if (isReversal && (await isReversed(capture, deps))) return payment;
  const kind = isReversal ? await kindOfReversal(refund, deps) : 'refund';
  return [...payment, ...correctionOf(refund, capture, order, kind)];
}

/** A reversal that failed gives the row of its own back, as any refund does; without one, a person looks. */
export async function kindOfReversal(
  refund: Refund,
  deps: MovementsDeps,
): Promise<'refund' | 'dispute'> {
  return hasFailed(refund) && (await isBooked(refund, deps)) ? 'refund' : 'dispute';
}

/** Whether a refund or reversal has a row of its own. */
export async function isBooked({ id }: Refund, { ledger }: MovementsDeps): Promise<boolean> {
  return (await ledger.paidCents(`${NAME}_${id}`)) !== undefined;
}

/** Whether the reversal is booked as the capture's, before PayPal has shown it as a refund. */
export async function isReversed(capture: Capture, { ledger }: MovementsDeps): Promise<boolean> {
  return (await ledger.paidCents(`${NAME}_${reversalId(capture)}`)) !== undefined;
}

async function readReversedCapture(
  deps: MovementsDeps,
  captureId: string,
): Promise<readonly Reported[]> {
  const { capture, order } = await readCapture(deps, captureId);
  if (order === undefined) return [];
  const refunds = await readRefundsOf(capture, order, deps.api);
  if (refunds === undefined) throw new Unusable('The capture does not name its order.');
  return [...paymentOf(capture, order), ...reversalOf(capture, refunds, order)];
}

interface FoundCapture {
  readonly capture: Capture;
  /** Undefined when the capture does not belong to our orders. */
  readonly order: Order | undefined;
}

/** Reads a capture, and our order that it pays. */
export async function readCapture(deps: MovementsDeps, captureId: string): Promise<FoundCapture> {
  const capture = await deps.api.readCapture(captureId);
  return { capture, order: await findOrderOfCapture(capture, deps) };
}

/** The refunds and reversals of a capture. Undefined when no order of PayPal is known that has them. */
export async function readRefundsOf(
  { id, supplementaryData }: Capture,
  { gatewayRef }: Order,
  api: MovementsDeps['api'],
): Promise<readonly Refund[] | undefined> {
  const payPalOrderId = supplementaryData?.relatedIds?.orderId ?? gatewayRef;
  if (payPalOrderId === undefined) return undefined;
  return refundsIn(await api.readOrder(payPalOrderId), id);
}

/** The refunds and reversals of one capture of PayPal's order. */
export function refundsIn({ purchaseUnits }: PayPalOrder, captureId: string): readonly Refund[] {
  return purchaseUnits
    .flatMap(({ payments }) => payments.refunds)
    .filter(({ links }) => links.captureId === captureId);
}
