import type { Refunds } from '../../gateway';

/** Made in the dashboard: the API wants an address of the buyer, which only the buyer can tell. */
export const refunds: Refunds = {
  can: 'none',
  byHand: [
    'Ask the buyer for an address of the coin and network of the payment.',
    "Refund the whole payment to it in Cryptomus's dashboard, with the buyer's address.",
    "The row comes with Cryptomus's notification, once the refund is paid.",
  ],
};
