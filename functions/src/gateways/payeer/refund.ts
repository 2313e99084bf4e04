import type { Refunds } from '../../gateway';

/** Payeer's API has no refund; a transfer to the buyer is a payout. */
export const refunds: Refunds = {
  can: 'none',
  byHand: [
    "Transfer the sum to the buyer's wallet in Payeer's cabinet, with the operation's number in the comment.",
    'Payeer reports no refund, so no row comes: npm run ops -- adjust <uid> -<cents> --reason "…"',
  ],
};
