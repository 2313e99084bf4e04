import type { PaymentsMode } from '../../config/settings';
import { NotFound, Unavailable, Unusable } from '../../errors';
import { log } from '../../log';
import type { Reported } from '../../movement';
import type { Order } from '../../orders/order';
import type { Orders } from '../../orders/orders';
import type { PayPalApi } from './api';
import { correctionOf, paymentOf, reversalOf, reviewOf } from './captures';
import { Refusal } from './client';
import type { PayPalEvent } from './events';
import type { Capture, Refund } from './objects';
import { findOrder } from './orders';

export interface MovementsDeps {
  readonly api: PayPalApi;
  readonly orders: Pick<Orders, 'find'>;
  readonly mode: PaymentsMode;
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
    // The credentials may be of another app than the webhook. The event must be kept even then.
    const isUnknown = error instanceof NotFound || error instanceof Refusal;
    throw isUnknown ? new Unusable(error.message, { cause: error }) : error;
  }
}

async function readSubject(event: PayPalEvent, deps: MovementsDeps): Promise<readonly Reported[]> {
  const { id, type, subject, objectId } = event;
  switch (subject) {
    case 'nothing':
      return [];
    case 'notice':
      log.alert('PayPal reports what a person should see', { event_id: id, event_type: type });
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
    case 'reversal':
      return readRefund(deps, expectId(objectId), subject === 'refund' ? 'refund' : 'dispute');
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
  kind: 'refund' | 'dispute',
): Promise<readonly Reported[]> {
  const refund = await deps.api.readRefund(refundId);
  const { captureId } = refund.links;
  if (captureId === undefined) throw new Unusable('The refund does not name its capture.');
  const { capture, order } = await readCapture(deps, captureId);
  if (order === undefined) return [];
  return [...paymentOf(capture, order), ...correctionOf(refund, capture, order, kind)];
}

async function readReversedCapture(
  deps: MovementsDeps,
  captureId: string,
): Promise<readonly Reported[]> {
  const { capture, order } = await readCapture(deps, captureId);
  if (order === undefined) return [];
  const refunds = await readRefundsOf(capture, deps.api);
  return [...paymentOf(capture, order), ...reversalOf(capture, refunds, order)];
}

interface FoundCapture {
  readonly capture: Capture;
  /** Undefined when the capture does not belong to our orders. */
  readonly order: Order | undefined;
}

async function readCapture(
  { api, orders, mode }: MovementsDeps,
  captureId: string,
): Promise<FoundCapture> {
  const capture = await api.readCapture(captureId);
  return { capture, order: await findOrder(orders, capture.customId, mode) };
}

async function readRefundsOf(
  { id, supplementaryData }: Capture,
  api: PayPalApi,
): Promise<readonly Refund[]> {
  const payPalOrderId = supplementaryData?.relatedIds?.orderId;
  if (payPalOrderId === undefined) throw new Unusable('The capture does not name its order.');
  const { purchaseUnits } = await api.readOrder(payPalOrderId);
  return purchaseUnits
    .flatMap(({ payments }) => payments.refunds)
    .filter(({ links }) => links.captureId === id);
}
