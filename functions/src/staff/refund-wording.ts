import type { FoundRow } from '../ledger/lookup';
import { isOpen, type RefundRequest } from '../ledger/refund-request';
import { usd, type Line } from './wording';

/** A refund that a member of the staff has asked for, and where it stands. */
export function linesOfRequest(request: RefundRequest, rows: readonly FoundRow[]): Line[] {
  const { id, amountCents, createdAt, changedAt, state, fault, gateway, refundId } = request;
  const asked = {
    at: createdAt,
    text: `Asked for: a refund of ${usd(amountCents)} (request ${id}).`,
    balance: 'nothing yet',
  };
  const isBooked = rows.some(({ paymentId }) => paymentId === `${gateway}_${refundId ?? ''}`);
  // Its row tells the rest.
  if (state === 'done' || isBooked) return [asked];
  if (!isOpen(request)) {
    const text = `Nothing was given back by the request ${id}: ${fault ?? 'the gateway refused it.'}`;
    return [asked, { at: changedAt, text, balance: 'nothing' }];
  }
  const wait =
    state === 'sent'
      ? `The gateway has taken the refund of ${usd(amountCents)}; its row is not here yet.`
      : `The end of the request ${id} is not known. Repeat the command: nothing is given back twice.`;
  return [asked, { at: null, text: wait, balance: null }];
}
