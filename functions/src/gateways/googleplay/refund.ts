import { Conflict, Malformed, Misconfigured, Unavailable } from '../../errors';
import type { Refunds } from '../../gateway';
import { correctionIdOf } from '../../stores/receipt';
import type { GooglePlayApi } from './api';
import { isRefunded } from './stage';

/**
 * A refund of a whole order through Google's API. Google knows no key, so the order is asked for first.
 * https://developers.google.com/android-publisher/api-ref/rest/v3/orders/refund
 */
export function openRefunds(api: Pick<GooglePlayApi, 'readOrder' | 'refundOrder'>): Refunds {
  return {
    can: 'full',
    knowsKeys: false,
    refund: async ({ paymentId }) => {
      const order = await api.readOrder(paymentId);
      if (order.state === 'PENDING_REFUND') {
        throw new Unavailable('Google works on a refund of the order: repeat the command later.');
      }
      if (!isRefunded(order)) {
        await api.refundOrder(paymentId).catch(async (error: unknown) => {
          // An earlier call may have made it, and Google shows it late.
          if (error instanceof Malformed && isRefunded(await api.readOrder(paymentId))) return;
          refuse(error);
        });
      }
      // Nothing of it was given back before, so it is the first correction.
      return { refundId: correctionIdOf(paymentId, 'refund', 1) };
    },
  };
}

function refuse(cause: unknown): never {
  if (cause instanceof Malformed) {
    throw new Conflict(
      'Google refuses the refund: an order of more than three years ago, or one that is not paid, cannot be given back.',
      { cause },
    );
  }
  if (cause instanceof Misconfigured) {
    throw new Misconfigured(
      'Google lets the service account of GOOGLE_PLAY_SECRET_FILE refund nothing: give it “Manage orders and subscriptions” in the Play Console.',
      { cause },
    );
  }
  throw cause;
}
