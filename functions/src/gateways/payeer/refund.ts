import type { Refunds } from '../../gateway';

/** Payeer's API has no refund; a transfer to the buyer is a payout. */
export const refunds: Refunds = {
  can: 'none',
  byHand: [
    "Transfer the sum to the buyer's wallet in Payeer's cabinet, with the operation's number in the comment.",
    'Payeer reports no refund and no row is made of it: take the money from the balance by an adjustment.',
  ],
};
