import { Unavailable, Unusable } from '../../errors';
import type { GatewayEvent } from '../../gateway';
import { log } from '../../log';
import type { Movement } from '../../movement';
import { toldCredit } from './credit';
import type { CryptomusEvent } from './events';
import { isFor } from './invoices';
import {
  findOrder,
  readCredited,
  readRefundOf,
  settle,
  type ConfirmedInvoice,
  type MovementsDeps,
} from './settlement';

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
  alertPerson(event);
}

/** Tells a person of a status of an invoice that moved no money. */
export function alertPerson({ id, type }: GatewayEvent): void {
  log.alert('Cryptomus reports what a person should see', {
    event_id: id,
    event_type: type,
    next_step:
      type === 'payment.refund_fail'
        ? 'Ask the buyer for another address: npm run ops -- refund <payment> --address <address>.'
        : "Look at the invoice in Cryptomus's dashboard: its money may be held or have come late.",
  });
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
  return settle(confirmed, toldCredit(event, confirmed.order, deps.config), deps);
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
  const creditedCents = await readCredited(event.uuid, deps);
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
  const invoice = await deps.api.readInvoice({ uuid });
  if (invoice === undefined) throw new Unusable('Cryptomus does not know the invoice.');
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
