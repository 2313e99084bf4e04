import type { Refunds } from '../../gateway';

/** Made in the cabinet. */
export const refunds: Refunds = {
  can: 'none',
  byHand: [
    "Refund the payment in WayForPay's cabinet, in whole or in part: it is found there by our order id.",
    "The row comes with WayForPay's callback, or: npm run ops -- recheck <payment>",
  ],
};
