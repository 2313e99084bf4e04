import { Conflict, NotFound, Unavailable, Unusable } from '../../errors';
import type { RefundedPayment, Refunds } from '../../gateway';
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
    knowsKeys: false,
    refund: async ({ paymentId, address, earlier }) => {
      const status = await statusOf(paymentId);
      if (!begun.includes(status)) {
        checkStatus(status, earlier);
        if (!(await api.refundInvoice(paymentId, address))) await refuse(paymentId);
      }
      return { refundId: refundIdOf(paymentId) };
    },
  };

  async function statusOf(uuid: string): Promise<string> {
    const invoice = await api.readInvoice({ uuid });
    if (invoice === undefined) throw new NotFound('Cryptomus does not know the invoice.');
    return invoice.status;
  }

  /** @throws Conflict, unless it was refused because an earlier call has made it. */
  async function refuse(uuid: string): Promise<void> {
    if (begun.includes(await statusOf(uuid))) return;
    throw new Conflict(
      "Cryptomus refuses the refund: check the address, and in Cryptomus's dashboard that payouts are allowed and the balance suffices.",
    );
  }
}

/**
 * @throws Conflict when there is nothing to give back.
 * @throws Unavailable and Unusable when an earlier call may have given it: coins cannot be fetched back.
 */
function checkStatus(status: string, earlier: RefundedPayment['earlier']): void {
  if (earlier === 'taken' && status !== 'refund_fail') {
    throw new Unavailable('Cryptomus has taken the refund, and does not show it yet.');
  }
  if (refundable.includes(status)) return;
  const words =
    "Cryptomus holds no money of the invoice that can be given back: look at it in Cryptomus's dashboard.";
  throw earlier === 'none' ? new Conflict(words) : new Unusable(words);
}
