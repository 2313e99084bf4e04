import type { Refunds } from '../../gateway';

/** Only Apple refunds, and only when the buyer asks. */
export const refunds: Refunds = {
  can: 'none',
  byHand: [
    'Ask the buyer to request a refund from Apple: reportaproblem.apple.com, or in the app.',
    "The row comes with Apple's notification, once Apple has decided.",
  ],
};
