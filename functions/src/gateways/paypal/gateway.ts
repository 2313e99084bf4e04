import type { PaymentsMode } from '../../config/settings';
import { NotFound, Unavailable, Unusable } from '../../errors';
import { log } from '../../log';
import { openOrders, type Orders } from '../../orders/orders';
import type { Gateway, WebhookRequest } from '../../gateway';
import { PayPalApi } from './api';
import { Certificates } from './certificates';
import { Refusal } from './client';
import { readApiConfig, readWebhookConfig } from './config';
import { parseEvent, type PayPalEvent } from './events';
import { correctionOf, paymentOf, reversalOf, reviewOf } from './movements';
import type { Capture } from './objects';
import { orderOf } from './orders';
import { askPayPal } from './postback';
import { checkSignature, readTransmission } from './transmission';
import type { Reported } from '../../movement';

/** What the gateway reaches outside with. */
export interface Outside {
  readonly orders: Pick<Orders, 'find'>;
  /** Downloads certificates. */
  readonly fetch: typeof fetch;
  readonly now: () => Date;
}

export async function openGateway(given: Partial<Outside> = {}): Promise<Gateway<PayPalEvent>> {
  const config = readApiConfig();
  const { webhookId, verification, certificates: trusted } = readWebhookConfig();
  const { fetch: fetchFunction = fetch, now = () => new Date() } = given;
  const api = new PayPalApi(config);
  const certificates = new Certificates(trusted, fetchFunction, now);
  const books: Books = { api, orders: given.orders ?? (await openOrders()), mode: config.mode };

  const prove = async (request: WebhookRequest): Promise<void> => {
    const transmission = readTransmission(request, trusted.hosts);
    if (verification === 'postback') {
      await askPayPal(api, transmission, request.body, webhookId);
    } else {
      const key = await certificates.keyAt(transmission.certificateUrl);
      checkSignature(transmission, request.body, webhookId, key);
    }
  };

  return {
    verify: async (request) => {
      await prove(request);
      return parseEvent(request.body);
    },
    movements: async (event) => {
      try {
        return await movementsOf(books, event);
      } catch (error) {
        // The credentials may be another app's: the event must not be lost for it.
        const isUnknown = error instanceof NotFound || error instanceof Refusal;
        throw isUnknown ? new Unusable(error.message, { cause: error }) : error;
      }
    },
  };
}

/** Where it is read what an event has moved. */
interface Books {
  readonly api: PayPalApi;
  readonly orders: Pick<Orders, 'find'>;
  readonly mode: PaymentsMode;
}

async function movementsOf(books: Books, event: PayPalEvent): Promise<readonly Reported[]> {
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
      return ofCapture(books, idIn(objectId));
    case 'hold':
      return ofHold(books, idIn(objectId));
    case 'captureReversal':
      return ofReversedCapture(books, idIn(objectId));
    case 'refund':
    case 'reversal':
      return ofRefund(books, idIn(objectId), subject === 'refund' ? 'refund' : 'dispute');
  }
}

function idIn(objectId: string | undefined): string {
  if (objectId === undefined) throw new Unusable('The event names no capture and no refund.');
  return objectId;
}

async function ofCapture(books: Books, captureId: string): Promise<readonly Reported[]> {
  const capture = await books.api.readCapture(captureId);
  const order = await orderOf(books.orders, capture.customId, books.mode);
  if (order === undefined) return [];
  // PayPal's API is behind its own event: PayPal is asked to tell us again.
  if (capture.status === 'PENDING') throw new Unavailable('The capture is still pending.');
  return [...paymentOf(capture, order), ...reviewOf(capture, order)];
}

async function ofHold(books: Books, captureId: string): Promise<readonly Reported[]> {
  const capture = await books.api.readCapture(captureId);
  const order = await orderOf(books.orders, capture.customId, books.mode);
  return order === undefined ? [] : reviewOf(capture, order);
}

async function ofRefund(
  books: Books,
  refundId: string,
  kind: 'refund' | 'dispute',
): Promise<readonly Reported[]> {
  const refund = await books.api.readRefund(refundId);
  const { captureId } = refund.links;
  if (captureId === undefined) throw new Unusable('The refund does not name its capture.');
  const capture = await books.api.readCapture(captureId);
  const order = await orderOf(books.orders, capture.customId, books.mode);
  if (order === undefined) return [];
  return [...paymentOf(capture, order), ...correctionOf(refund, capture, order, kind)];
}

async function ofReversedCapture(books: Books, captureId: string): Promise<readonly Reported[]> {
  const capture = await books.api.readCapture(captureId);
  const order = await orderOf(books.orders, capture.customId, books.mode);
  if (order === undefined) return [];
  const refunds = await refundsOf(books.api, capture);
  return [...paymentOf(capture, order), ...reversalOf(capture, refunds, order)];
}

async function refundsOf(api: PayPalApi, { id, supplementaryData }: Capture) {
  const orderId = supplementaryData?.relatedIds?.orderId;
  if (orderId === undefined) throw new Unusable('The capture does not name its order.');
  const { purchaseUnits } = await api.readOrder(orderId);
  return purchaseUnits
    .flatMap(({ payments }) => payments.refunds)
    .filter(({ links }) => links.captureId === id);
}
