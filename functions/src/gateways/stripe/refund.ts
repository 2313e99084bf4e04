import { Conflict, Unusable } from '../../errors';
import type { Refunds } from '../../gateway';
import type { StripeApi } from './api';
import { isRefusal } from './client';
import type { Refund } from './objects';

/**
 * A refund through Stripe's API, in whole or in part. Stripe forgets an idempotency key after a day, so
 * the key also stands in the metadata of the refund, and is looked for first.
 */
export function openRefunds(api: Pick<StripeApi, 'createRefund' | 'listRefunds'>): Refunds {
  return {
    can: 'partial',
    knowsKeys: true,
    refund: async ({ paymentId, earlier }, cents, key) => {
      const listed = await api.listRefunds({ id: paymentId });
      const known = listed.find((one) => 'id' in one && one.metadata['refund_request'] === key);
      if (known === undefined && earlier !== 'none') checkReadable(listed);
      const made = known !== undefined && 'id' in known ? known : await make(paymentId, cents, key);
      if (made.status === 'failed' || made.status === 'canceled') {
        throw new Conflict('The bank has sent the refund back: settle it with the buyer.');
      }
      return { refundId: made.id };
    },
  };

  async function make(intentId: string, cents: number, key: string): Promise<Refund> {
    try {
      return await api.createRefund(intentId, cents, key);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      throw new Conflict('Stripe refuses the refund: look at the payment in its dashboard.', {
        cause: error,
      });
    }
  }
}

/** @throws Unusable when a refund cannot be read: it may be the one that an earlier call has made. */
function checkReadable(listed: Awaited<ReturnType<StripeApi['listRefunds']>>): void {
  for (const one of listed) if (one instanceof Unusable) throw one;
}
