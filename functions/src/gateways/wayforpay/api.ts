import { z } from 'zod';
import { Conflict, Misconfigured, Unavailable, Unusable } from '../../errors';
import { parseLiterals } from '../../json';
import { exchange } from '../../outbound';
import { centsOf } from '../../money';
import type { WayforpayConfig } from './config';
import { isGenuine, parseSignedReport, signFields } from './signature';

/** The limit of one call. */
const TIMEOUT_MS = 8_000;

/** The state of an order, https://wiki.wayforpay.com/view/852117 (CHECK_STATUS). */
export interface OrderStatus {
  readonly amountCents: number | undefined;
  readonly currency: string;
  /** All refunds of the order together. Undefined when WayForPay does not say. */
  readonly refundedCents: number | undefined;
}

/** The reason codes of WayForPay that need an action of their own. */
const reasons = { wrongSignature: '1113', duplicateOrder: '1112', unknownOrder: '1127' };

const answer = z.looseObject({ reasonCode: z.string().optional().catch(undefined) });

const statusReply = z.looseObject({
  orderReference: z.string(),
  amount: z.string(),
  currency: z.string(),
  refundAmount: z.string().nullish(),
});

const page = z.object({ url: z.url({ protocol: /^https?$/ }) });

/**
 * The calls of WayForPay. Each throws Unavailable when WayForPay does not answer in time, and
 * Misconfigured when it refuses our key.
 */
export class WayforpayApi {
  readonly #config: WayforpayConfig;

  constructor(config: WayforpayConfig) {
    this.#config = config;
  }

  /**
   * Asks for the state of an order.
   * @throws Unusable when WayForPay does not know the order, or answers with something else.
   */
  async checkStatus(orderReference: string): Promise<OrderStatus> {
    const { merchantAccount, secretKey, apiUrl } = this.#config;
    const reply = await post(apiUrl, {
      transactionType: 'CHECK_STATUS',
      merchantAccount,
      orderReference,
      merchantSignature: signFields(secretKey, [merchantAccount, orderReference]),
      apiVersion: 1,
    });
    if (reply.reasonCode === reasons.unknownOrder) {
      throw new Unusable('WayForPay does not know the order that it reports.');
    }
    const report = parseSignedReport(reply);
    if (report === undefined || !isGenuine(report, this.#config)) {
      throw new Unavailable('The status that WayForPay answers is not signed by it.');
    }
    return toStatus(reply, orderReference);
  }

  /**
   * Makes the page on which the buyer pays.
   * @param pageUrl the address of WayForPay's payment page.
   * @param purchase the signed purchase.
   * @throws Conflict when WayForPay already has an order with this number.
   */
  async createPage(pageUrl: string, purchase: object): Promise<{ url: string }> {
    const reply = await post(`${pageUrl}?behavior=offline`, purchase);
    if (reply.reasonCode === reasons.duplicateOrder) {
      throw new Conflict('This payment was started before; use a new Idempotency-Key.');
    }
    const { data } = page.safeParse(reply);
    if (data === undefined) throw new Unavailable('WayForPay made no page to pay on.');
    return data;
  }
}

function toStatus(reply: object, orderReference: string): OrderStatus {
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

/** Posts JSON and reads JSON. Numbers stay the texts that WayForPay wrote. */
async function post(url: string, message: object): Promise<z.output<typeof answer>> {
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
