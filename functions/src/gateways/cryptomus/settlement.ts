import type { Ledger } from '../../ledger/ledger';
import type { Movement } from '../../movement';
import type { Order } from '../../orders/order';
import { findOurOrder, type OrderBook } from '../../orders/ours';
import type { CryptomusApi } from './api';
import { NAME, type CryptomusConfig } from './config';
import type { Invoice } from './invoices';

export interface MovementsDeps {
  readonly config: Pick<CryptomusConfig, 'mode' | 'creditsUnderpaid'>;
  readonly api: Pick<CryptomusApi, 'readInvoice'>;
  readonly orders: OrderBook;
  readonly ledger: Pick<Ledger, 'paidCents'>;
}

/** An order, and its invoice as Cryptomus has it now. */
export interface ConfirmedInvoice {
  readonly order: Order;
  readonly invoice: Invoice;
}

/** Our order that an invoice, or an event about it, names. */
export function findOrder(
  { uuid, orderId }: { readonly uuid: string; readonly orderId: string | null },
  { config, orders }: Pick<MovementsDeps, 'config' | 'orders'>,
): Promise<Order | undefined> {
  return findOurOrder(orders, { orderId, gateway: NAME, mode: config.mode, ref: uuid });
}

/** What we have credited for an invoice, in US cents. Undefined when it is not booked. */
export function readCredited(
  uuid: string,
  { ledger }: Pick<MovementsDeps, 'ledger'>,
): Promise<number | undefined> {
  return ledger.paidCents(`${NAME}_${uuid}`);
}

/**
 * The movements of a paid invoice: the payment; with its refund, when the invoice has been paid back
 * since. The event of such a refund may have found no payment that it could correct.
 * @param cents all that is to be credited for the invoice.
 * @param creditedCents what is booked; read when it is needed and not given.
 */
export async function settle(
  confirmed: ConfirmedInvoice,
  cents: number,
  deps: MovementsDeps,
  creditedCents?: number,
): Promise<readonly Movement[]> {
  const payment = { ...paymentOf(confirmed), amountCents: cents };
  if (confirmed.invoice.status !== 'refund_paid') return [payment];
  const booked = creditedCents ?? (await readCredited(confirmed.invoice.uuid, deps)) ?? 0;
  return [payment, await readRefundOf(confirmed, Math.max(booked, cents), deps)];
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
export async function readRefundOf(
  confirmed: ConfirmedInvoice,
  creditedCents: number,
  { ledger }: MovementsDeps,
): Promise<Movement> {
  const { uuid } = confirmed.invoice;
  const id = refundIdOf(uuid);
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

/** The id of an invoice's first refund. */
export function refundIdOf(uuid: string): string {
  return `${uuid}-refund`;
}

function common({ order, invoice }: ConfirmedInvoice) {
  return {
    uid: order.uid,
    orderId: order.orderId,
    mode: order.mode,
    occurredAt: invoice.updatedAt ?? order.createdAt,
  };
}
