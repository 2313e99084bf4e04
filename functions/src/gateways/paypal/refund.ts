import { Conflict } from '../../errors';
import type { Refunds } from '../../gateway';
import type { PayPalApi } from './api';
import { hasFailed } from './captures';
import { Refusal } from './client';

/** A refund through PayPal's API, in whole or in part. PayPal knows the key for 45 days. */
export function openRefunds(api: Pick<PayPalApi, 'refundCapture'>): Refunds {
  return {
    can: 'partial',
    knowsKeys: true,
    refund: async ({ paymentId }, cents, key) => {
      const made = await api.refundCapture(paymentId, cents, key).catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        throw new Conflict('PayPal refuses the refund: look at the payment in its dashboard.', {
          cause: error,
        });
      });
      if (hasFailed(made)) {
        throw new Conflict('The refund has failed at PayPal: settle it with the buyer.');
      }
      return { refundId: made.id };
    },
  };
}
