import type { Refunds } from '../../gateway';

/** AnyPay's API has no refund. */
export const refunds: Refunds = {
  can: 'none',
  byHand: [
    "Refund the whole payment in AnyPay's cabinet: it is found there by its transaction number.",
    "The row comes with AnyPay's notification, or: npm run ops -- recheck <payment>",
  ],
};
