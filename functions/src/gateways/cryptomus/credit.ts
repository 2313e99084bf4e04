import { Unusable } from '../../errors';
import { log } from '../../log';
import type { Order } from '../../orders/order';
import { wholeCentsOf } from './amounts';
import type { CryptomusConfig } from './config';
import type { CryptomusEvent } from './events';
import type { Invoice } from './invoices';

/** Cryptomus calls an invoice paid from 95 % of its amount on, if it was told to tolerate that. */
const LEAST_PERCENT = 95;

const FAR_LESS = 'Far less arrived than was ordered.';

/**
 * The cents to credit for a paid invoice, as its notification tells.
 * @throws Unusable when the event does not say what arrived, or it is not to be credited.
 */
export function toldCredit(
  event: CryptomusEvent,
  { amountCents: orderedCents }: Order,
  { creditsUnderpaid }: Pick<CryptomusConfig, 'creditsUnderpaid'>,
): number {
  const arrivedCents = wholeCentsOf(event.arrivedUsd);
  if (event.status === 'paid') {
    if (arrivedCents === undefined || arrivedCents >= orderedCents) return orderedCents;
    if (arrivedCents * 100 < orderedCents * LEAST_PERCENT) {
      throw new Unusable(FAR_LESS);
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

/**
 * The cents to credit for an invoice that no notification told of. Cryptomus's API does not say how
 * many US dollars arrived, so a credit above or below the order is known only when it is booked.
 * @param creditedCents what is booked.
 * @returns undefined when nothing is to be credited: no money has arrived, or it was paid back before
 *   we heard of it.
 * @throws Unusable when money has arrived, and it cannot be said how much.
 */
export function foundCredit(
  invoice: Invoice,
  { amountCents: orderedCents }: Order,
  creditedCents: number | undefined,
  { creditsUnderpaid }: Pick<CryptomusConfig, 'creditsUnderpaid'>,
): number | undefined {
  switch (invoice.status) {
    case 'paid':
      if (isFarLess(invoice)) throw new Unusable(FAR_LESS);
      return orderedCents;
    case 'paid_over':
      return Math.max(orderedCents, creditedCents ?? 0);
    case 'wrong_amount':
      if (creditedCents !== undefined || invoice.isFinal === false) return creditedCents;
      throw new Unusable(creditsUnderpaid ? ONLY_TOLD : 'The invoice is underpaid.');
    case 'refund_fail':
      if (creditedCents !== undefined) return creditedCents;
      throw new Unusable('A refund failed of a payment that was not credited.');
    case 'refund_process':
    case 'refund_paid':
      return creditedCents;
    default:
      return undefined;
  }
}

const ONLY_TOLD =
  'Only the notification says how much arrived: let Cryptomus send it again (see the README).';

/**
 * Stands for the excess of an overpaid invoice that is not booked, because its notification is
 * missing. Undefined when there is none.
 */
export function missingExcess(
  { status, uuid }: Invoice,
  { amountCents: orderedCents }: Order,
  creditedCents: number | undefined,
): Unusable | undefined {
  const isBooked = creditedCents !== undefined && creditedCents > orderedCents;
  if (status !== 'paid_over' || isBooked) return undefined;
  return new Unusable(`More was paid than is credited. ${ONLY_TOLD}`, { about: uuid });
}

/** Whether the coins that arrived are far less than those asked for. Both are of the same kind. */
function isFarLess({ arrivedCoins, askedCoins }: Invoice): boolean {
  if (arrivedCoins === null || askedCoins === null) return false;
  return Number(arrivedCoins) * 100 < Number(askedCoins) * LEAST_PERCENT;
}
