import { Unavailable, Unusable } from '../../errors';
import type { Ledger } from '../../ledger/ledger';
import { log } from '../../log';
import type { Movement } from '../../movement';
import type { Order } from '../../orders/order';
import { findOurOrder, type OrderBook } from '../../orders/ours';
import { wholeCentsOf } from './amounts';
import type { CryptomusApi } from './api';
import { NAME, type CryptomusConfig } from './config';
import type { CryptomusEvent } from './events';
import { isFor, type Invoice } from './invoices';

export interface MovementsDeps {
  readonly config: Pick<CryptomusConfig, 'mode' | 'creditsUnderpaid'>;
  readonly api: Pick<CryptomusApi, 'readInvoice'>;
  readonly orders: OrderBook;
  readonly ledger: Pick<Ledger, 'paidCents'>;
}

/** An order, and its invoice as Cryptomus has it now. */
interface ConfirmedInvoice {
  readonly order: Order;
  readonly invoice: Invoice;
}

/** The statuses of an invoice that was paid, and that is or was to be paid back. */
const paidBack = ['refund_process', 'refund_fail', 'refund_paid'];
/** The statuses of an invoice for which no money has arrived yet. */
const beforePaid = ['check', 'process', 'confirm_check', 'wrong_amount_waiting'];

/**
 * By the reported status: the statuses of the invoice that confirm it, and those that come before it,
 * because Cryptomus's API may be behind its own notification.
 */
const statuses: ReadonlyMap<
  string,
  { readonly confirming: readonly string[]; readonly earlier: readonly string[] }
> = new Map([
  ['paid', { confirming: ['paid', 'paid_over', ...paidBack], earlier: beforePaid }],
  ['paid_over', { confirming: ['paid_over', ...paidBack], earlier: [...beforePaid, 'paid'] }],
  ['wrong_amount', { confirming: ['wrong_amount', ...paidBack], earlier: beforePaid }],
  [
    'refund_paid',
    {
      confirming: ['refund_paid'],
      earlier: [...beforePaid, 'paid', 'paid_over', 'wrong_amount', 'refund_process'],
    },
  ],
]);

/** Cryptomus calls an invoice paid from 95 % of its amount on, if it was told to tolerate that. */
const LEAST_PERCENT = 95;

/**
 * Reads what a notification moved, after its invoice is confirmed by Cryptomus's API and matches our
 * order.
 * @throws Unusable when the invoice is not confirmed, does not match, or is not to be credited.
 * @throws Unavailable when Cryptomus or Firestore does not answer, or Cryptomus's API is behind.
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
      await alertOf(event, deps);
      return [];
    case 'nothing':
      return [];
  }
}

/** Tells a person, unless the event is about an order that is not ours. */
async function alertOf(event: CryptomusEvent, deps: MovementsDeps): Promise<void> {
  if (event.orderId !== null && (await findOrder(event, deps)) === undefined) return;
  log.alert('Cryptomus reports what a person should see', {
    event_id: event.id,
    event_type: event.type,
  });
}

/** Our order that an event is about. */
function findOrder(
  { uuid, orderId }: CryptomusEvent,
  { config, orders }: MovementsDeps,
): Promise<Order | undefined> {
  return findOurOrder(orders, { orderId, gateway: NAME, mode: config.mode, ref: uuid });
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
  if (confirmed === undefined) return [];
  const cents = creditOf(event, confirmed.order, deps.config);
  const payment = { ...paymentOf(confirmed), amountCents: cents };
  if (confirmed.invoice.status !== 'refund_paid') return [payment];
  const creditedCents = (await readCredited(event, deps)) ?? 0;
  return [payment, await readRefundOf(confirmed, Math.max(creditedCents, cents), deps)];
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
  if (confirmed === undefined) return [];
  const creditedCents = await readCredited(event, deps);
  if (creditedCents === undefined) {
    throw new Unusable('A payment was paid back that was not credited.');
  }
  return [await readRefundOf(confirmed, creditedCents, deps)];
}

/**
 * Finds the order, and reads the invoice from Cryptomus. The signature alone proves nothing about
 * money: Cryptomus signs test notifications, too, even for a real invoice.
 * @returns undefined when the order is not ours.
 */
async function confirm(
  event: CryptomusEvent,
  deps: MovementsDeps,
): Promise<ConfirmedInvoice | undefined> {
  const { uuid, orderId } = event;
  if (orderId === null) throw new Unusable('The notification names no order.', { about: uuid });
  const order = await findOrder(event, deps);
  if (order === undefined) return undefined;
  if (!isFor(order, event)) throw new Unusable('The invoice differs from the order.');
  const invoice = await deps.api.readInvoice(uuid);
  const { confirming, earlier } = statuses.get(event.status) ?? {};
  if (earlier?.includes(invoice.status)) {
    throw new Unavailable("Cryptomus's API is behind its own notification.");
  }
  const isSame = invoice.uuid === uuid && isFor(order, invoice);
  if (!isSame || confirming?.includes(invoice.status) !== true) {
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
    if (arrivedCents === undefined || arrivedCents >= orderedCents) return orderedCents;
    if (arrivedCents * 100 < orderedCents * LEAST_PERCENT) {
      throw new Unusable('Far less arrived than was ordered.');
    }
    log.warn('less arrived than was ordered', { event_id: event.id });
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
  return ledger.paidCents(`${NAME}_${uuid}`);
}

/** A payment without its amount. The amount is a total: a buyer who paid too little may pay more. */
function paymentOf(confirmed: ConfirmedInvoice): Omit<Movement, 'amountCents'> {
  const { uuid } = confirmed.invoice;
  return { ...common(confirmed), id: uuid, kind: 'payment', parentId: null, isTotal: true };
}

/**
 * The refund. It is a total, too: a part of the payment may be told after the refund was booked, and
 * is then taken back by a row of its own.
 */
async function readRefundOf(
  confirmed: ConfirmedInvoice,
  creditedCents: number,
  { ledger }: MovementsDeps,
): Promise<Movement> {
  const { uuid } = confirmed.invoice;
  const id = `${uuid}-refund`;
  const isBooked = (await ledger.paidCents(`${NAME}_${id}`)) !== undefined;
  return {
    ...common(confirmed),
    id: isBooked ? `${id}-${creditedCents}` : id,
    kind: 'refund',
    amountCents: -creditedCents,
    parentId: uuid,
    isTotal: true,
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
