import { Unusable } from '../../errors';
import type { Ledger } from '../../ledger/ledger';
import { log } from '../../log';
import type { Movement } from '../../movement';
import type { Order } from '../../orders/order';
import type { Orders } from '../../orders/orders';
import { wholeCentsOf } from './amounts';
import type { CryptomusApi } from './api';
import { NAME, type CryptomusConfig } from './config';
import type { CryptomusEvent } from './events';
import { isFor, type Invoice } from './invoices';

export interface MovementsDeps {
  readonly config: Pick<CryptomusConfig, 'mode' | 'creditsUnderpaid'>;
  readonly api: Pick<CryptomusApi, 'readInvoice'>;
  readonly orders: Pick<Orders, 'find'>;
  readonly ledger: Pick<Ledger, 'find'>;
}

/** An order, and its invoice as Cryptomus has it now. */
interface ConfirmedInvoice {
  readonly order: Order;
  readonly invoice: Invoice;
}

/**
 * By the reported status, the statuses of the invoice that confirm it. An invoice that was paid back
 * was paid before.
 */
const confirming: ReadonlyMap<string, readonly string[]> = new Map([
  ['paid', ['paid', 'paid_over', 'refund_paid']],
  ['paid_over', ['paid_over', 'refund_paid']],
  ['wrong_amount', ['wrong_amount', 'refund_paid']],
  ['refund_paid', ['refund_paid']],
]);

/**
 * Reads what a notification moved, after its invoice is confirmed by Cryptomus's API and matches our
 * order.
 * @throws Unusable when the invoice is not confirmed, does not match, or is not to be credited.
 * @throws Unavailable when Cryptomus or Firestore does not answer.
 */
export async function readMovements(
  event: CryptomusEvent,
  deps: MovementsDeps,
): Promise<readonly Movement[]> {
  switch (event.subject) {
    case 'payment':
      return readPayment(event, deps);
    case 'refund':
      return readRefund(event, deps);
    case 'notice':
      log.alert('Cryptomus reports what a person should see', {
        event_id: event.id,
        event_type: event.type,
      });
      return [];
    case 'nothing':
      return [];
  }
}

/**
 * The payment; with its refund, when the invoice has been paid back since. The event of such a
 * refund found no payment that it could correct.
 */
async function readPayment(
  event: CryptomusEvent,
  deps: MovementsDeps,
): Promise<readonly Movement[]> {
  const confirmed = await confirm(event, deps);
  const cents = creditOf(event, confirmed.order, deps.config);
  const payment = { ...paymentOf(confirmed), amountCents: cents };
  if (confirmed.invoice.status !== 'refund_paid') return [payment];
  return [payment, refundOf(confirmed, (await readCredited(event, deps)) ?? cents)];
}

/**
 * The refund, over the sum that we credited: Cryptomus pays back whole invoices only, and does not
 * say how much.
 */
async function readRefund(
  event: CryptomusEvent,
  deps: MovementsDeps,
): Promise<readonly Movement[]> {
  const confirmed = await confirm(event, deps);
  const creditedCents = await readCredited(event, deps);
  if (creditedCents === undefined) {
    throw new Unusable('A payment was paid back that was not credited.');
  }
  return [refundOf(confirmed, creditedCents)];
}

/**
 * Finds the order, and reads the invoice from Cryptomus. The signature alone proves nothing about
 * money: Cryptomus signs test notifications, too, even for a real invoice.
 */
async function confirm(
  event: CryptomusEvent,
  { config, api, orders }: MovementsDeps,
): Promise<ConfirmedInvoice> {
  const order = event.orderId === null ? undefined : await orders.find(event.orderId);
  if (order?.gateway !== NAME || order.mode !== config.mode) {
    throw new Unusable('There is no such order of ours.');
  }
  if (!isFor(order, event)) throw new Unusable('The invoice differs from the order.');
  const invoice = await api.readInvoice(event.uuid);
  const isSame = invoice.uuid === event.uuid && isFor(order, invoice);
  if (!isSame || confirming.get(event.status)?.includes(invoice.status) !== true) {
    throw new Unusable('Cryptomus does not confirm what it has reported.');
  }
  return { order, invoice };
}

/**
 * The cents to credit for a paid invoice.
 * @throws Unusable when the event does not say what arrived, or it is not to be credited.
 */
function creditOf(
  event: CryptomusEvent,
  { amountCents: orderedCents }: Order,
  { creditsUnderpaid }: Pick<CryptomusConfig, 'creditsUnderpaid'>,
): number {
  const arrivedCents = wholeCentsOf(event.arrivedUsd);
  if (event.status === 'paid') {
    if (arrivedCents !== undefined && arrivedCents < orderedCents) {
      log.warn('less arrived than was ordered', { event_id: event.id });
    }
    return orderedCents;
  }
  if (!arrivedCents) throw new Unusable('It is not told how much arrived.');
  if (event.status === 'paid_over') return Math.max(orderedCents, arrivedCents);
  if (event.isFinal !== true) throw new Unusable('It is not told whether the invoice is final.');
  if (!creditsUnderpaid) throw new Unusable('The invoice is underpaid.');
  return arrivedCents;
}

async function readCredited(
  { uuid }: CryptomusEvent,
  { ledger }: MovementsDeps,
): Promise<number | undefined> {
  return (await ledger.find(`${NAME}_${uuid}`))?.amountCents;
}

function paymentOf({ order, invoice }: ConfirmedInvoice): Omit<Movement, 'amountCents'> {
  return { ...common({ order, invoice }), id: invoice.uuid, kind: 'payment', parentId: null };
}

function refundOf(confirmed: ConfirmedInvoice, creditedCents: number): Movement {
  const { uuid } = confirmed.invoice;
  return {
    ...common(confirmed),
    id: `${uuid}-refund`,
    kind: 'refund',
    amountCents: -creditedCents,
    parentId: uuid,
  };
}

function common({ order, invoice }: ConfirmedInvoice) {
  return {
    uid: order.uid,
    orderId: order.orderId,
    mode: order.mode,
    occurredAt: invoice.updatedAt ?? order.createdAt,
  };
}
