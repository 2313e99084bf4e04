import { Conflict, NotFound } from '../../errors';
import type { Refunds } from '../../gateway';
import type { CryptomusApi } from './api';
import { refundIdOf } from './settlement';

/** A refund that has begun, or is over. */
const begun: readonly string[] = ['refund_process', 'refund_paid'];

/** Statuses of an invoice whose money is with the merchant. */
const refundable: readonly string[] = ['paid', 'paid_over', 'wrong_amount', 'refund_fail'];

/**
 * A refund of a whole invoice through Cryptomus's API, to an address that only the buyer can tell.
 * Cryptomus knows no key, so the invoice is read first. Coins go out after the answer, and may come
 * back: then the same request is made again, to another address.
 * https://doc.cryptomus.com/merchant-api/payments/refund
 */
export function openRefunds(api: Pick<CryptomusApi, 'readInvoice' | 'refundInvoice'>): Refunds {
  return {
    can: 'full',
    needsAddress: "the buyer's, of the coin and network that was paid with",
    refund: async ({ paymentId, address }) => {
      const invoice = await api.readInvoice({ uuid: paymentId });
      if (invoice === undefined) throw new NotFound('Cryptomus does not know the invoice.');
      const { status } = invoice;
      if (!begun.includes(status)) {
        if (!refundable.includes(status)) {
          throw new Conflict(
            "Cryptomus holds no money of the invoice that can be given back: look at it in Cryptomus's dashboard.",
          );
        }
        if (!(await api.refundInvoice(paymentId, address))) {
          throw new Conflict(
            "Cryptomus refuses the refund: check the address, and in Cryptomus's dashboard that payouts are allowed and the balance suffices.",
          );
        }
      }
      return { refundId: refundIdOf(paymentId) };
    },
  };
}
