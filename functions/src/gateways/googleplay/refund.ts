import type { Refunds } from '../../gateway';

/** Made in the console. */
export const refunds: Refunds = {
  can: 'none',
  byHand: [
    'Refund the order in the Play Console, Order management, and tick “Remove entitlement”.',
    "The row comes with Google's announcement, within a day, or: npm run ops -- recheck <payment>",
  ],
};
