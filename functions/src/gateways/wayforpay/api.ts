import { z } from 'zod';
import { Misconfigured, Unavailable, Unusable } from '../../errors';
import { centsOf } from '../../money';
import { parseLiterals } from '../../json';
import { exchange } from '../../outbound';
import type { WayforpayConfig } from './config';
import { isGenuine, signedReport } from './events';
import { signatureOf } from './signature';

/** For one call. */
const TIMEOUT_MS = 8_000;

/** What an order has come to, https://wiki.wayforpay.com/view/852117 (CHECK_STATUS). */
export interface OrderStatus {
  readonly amountCents: number | undefined;
  readonly currency: string;
  /** All refunds of the order together; undefined where WayForPay does not say. */
  readonly refundedCents: number | undefined;
}

/** WayForPay's reason codes that say what to do next. */
export const reasons = { wrongSignature: '1113', duplicateOrder: '1112', unknownOrder: '1127' };

const answer = z.looseObject({ reasonCode: z.string().optional().catch(undefined) });

const statusReply = z.looseObject({
  orderReference: z.string(),
  amount: z.string(),
  currency: z.string(),
  refundAmount: z.string().nullish(),
});

/**
 * Asks what became of an order.
 * @throws Unusable when WayForPay does not know it, or answers with something else.
 */
export async function checkStatus(
  { merchantAccount, secretKey, apiUrl }: WayforpayConfig,
  orderReference: string,
): Promise<OrderStatus> {
  const reply = await post(apiUrl, {
    transactionType: 'CHECK_STATUS',
    merchantAccount,
    orderReference,
    merchantSignature: signatureOf(secretKey, [merchantAccount, orderReference]),
    apiVersion: 1,
  });
  if (reply.reasonCode === reasons.unknownOrder) {
    throw new Unusable('WayForPay does not know the order that it reports.');
  }
  const signed = signedReport.safeParse(reply).data;
  if (signed !== undefined && !isGenuine(signed, merchantAccount, secretKey)) {
    throw new Unavailable('The status that WayForPay answers is not signed by it.');
  }
  const { data } = statusReply.safeParse(reply);
  if (data?.orderReference !== orderReference) {
    throw new Unusable('WayForPay answered with something else than the status of the order.');
  }
  const { amount, currency, refundAmount } = data;
  const refundedCents = centsOf(refundAmount ?? '');
  if (refundAmount && refundedCents === undefined) {
    throw new Unusable('The sum of the refunds is no amount.');
  }
  return { amountCents: centsOf(amount), currency, refundedCents };
}

/**
 * Posts JSON and reads JSON, its numbers as they were written.
 * @throws Unavailable when there is no such answer in time, Misconfigured when our key is refused.
 */
export async function post(url: string, message: object): Promise<z.output<typeof answer>> {
  const { ok, text } = await exchange('WayForPay', url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(message),
    timeoutMs: TIMEOUT_MS,
  });
  const { data } = answer.safeParse(parseLiterals(text));
  if (!ok || data === undefined) throw new Unavailable('WayForPay did not answer.');
  if (data.reasonCode === reasons.wrongSignature) {
    throw new Misconfigured('WayForPay refuses WAYFORPAY_SECRET_KEY.');
  }
  return data;
}
