import { z } from 'zod';
import { Conflict, Misconfigured, Unavailable, Unusable } from '../../errors';
import { parseLiterals } from '../../json';
import { exchange, type OutboundRequest } from '../../outbound';
import { centsOf, shortDecimalOf } from '../../money';
import { sameBytes } from '../signature';
import type { WayforpayConfig } from './config';
import { isGenuine, parseSignedReport, signFields, type SignedReport } from './signature';

/** The limit of one call. */
const TIMEOUT_MS = 8_000;

/** WayForPay answered about an order, and did not sign what it says. */
export class Unsigned extends Unavailable {}

/** A list is not paged. A transaction has less than a thousand bytes. */
const listLimits = { timeoutMs: 20_000, maxBytes: 10_000_000 };

/** The state of an order, https://wiki.wayforpay.com/view/852117 (CHECK_STATUS). */
export interface OrderStatus {
  /** The status of the transaction, as WayForPay writes it. */
  readonly status: string;
  readonly amountCents: number | undefined;
  readonly currency: string;
  /** All refunds of the order together. Undefined when WayForPay does not say. */
  readonly refundedCents: number | undefined;
  /** Undefined when WayForPay does not say. */
  readonly processedAt: Date | undefined;
}

/** The reason codes of WayForPay that need an action of their own. */
const reasons = {
  ok: '1100',
  duplicateOrder: '1112',
  wrongSignature: '1113',
  apiNotAllowed: '1117',
  merchantRestricted: '1118',
  unknownAccount: '1121',
  unknownOrder: '1127',
};

/** The reasons why WayForPay lists nothing, whatever is asked for. */
const mayNotList = [reasons.apiNotAllowed, reasons.merchantRestricted, reasons.unknownAccount];

const answer = z.looseObject({ reasonCode: z.string().optional().catch(undefined) });

const statusReply = z.looseObject({
  orderReference: z.string(),
  amount: z.string(),
  currency: z.string(),
  refundAmount: z.string().nullish(),
});

/** https://wiki.wayforpay.com/view/852115 (REFUND). A refusal may lack the rest. */
const refundReply = z.looseObject({
  transactionStatus: z.string().catch(''),
  reasonCode: z.string().catch(''),
  merchantSignature: z.string().catch(''),
});

/** What WayForPay answers to a refund. */
export type RefundReply = Readonly<
  Pick<z.output<typeof refundReply>, 'transactionStatus' | 'reasonCode'>
>;

/** https://wiki.wayforpay.com/view/1736786 (TRANSACTION_LIST). Each entry is read by itself. */
const listReply = z.object({
  reasonCode: z.literal(reasons.ok),
  transactionList: z.array(z.unknown()),
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
   * @returns undefined when WayForPay does not know the order: its page was never opened.
   * @throws Unusable when WayForPay answers with something else.
   */
  async checkStatus(orderReference: string): Promise<OrderStatus | undefined> {
    const { merchantAccount, secretKey, apiUrl } = this.#config;
    const reply = await post(apiUrl, {
      transactionType: 'CHECK_STATUS',
      merchantAccount,
      orderReference,
      merchantSignature: signFields(secretKey, [merchantAccount, orderReference]),
      apiVersion: 1,
    });
    if (reply.reasonCode === reasons.unknownOrder) return undefined;
    const report = parseSignedReport(reply);
    if (report === undefined || !isGenuine(report, this.#config)) {
      throw new Unsigned('The status that WayForPay answers is not signed by it.');
    }
    return toStatus(reply, report, orderReference);
  }

  /**
   * Gives money of an order back. WayForPay knows no key: the same call again gives it back again.
   * @param cents US cents, a part of the order or all of it.
   * @param comment for the cabinet.
   * @throws Unsigned when WayForPay says that it did, and did not sign it.
   */
  async refund(orderReference: string, cents: number, comment: string): Promise<RefundReply> {
    const { merchantAccount, secretKey, apiUrl } = this.#config;
    const amount = shortDecimalOf(cents);
    const fields = [merchantAccount, orderReference, amount, 'USD'];
    const reply = await post(apiUrl, {
      transactionType: 'REFUND',
      merchantAccount,
      orderReference,
      amount: Number(amount),
      currency: 'USD',
      comment,
      merchantSignature: signFields(secretKey, fields),
      apiVersion: 1,
    });
    const { transactionStatus, reasonCode, merchantSignature } = refundReply.parse(reply);
    const signed = [merchantAccount, orderReference, transactionStatus, reasonCode];
    const isSigned = sameBytes(merchantSignature, signFields(secretKey, signed));
    // WayForPay does not sign each refusal.
    if (!isSigned && !['', 'Declined'].includes(transactionStatus)) {
      throw new Unsigned('The refund that WayForPay answers is not signed by it.');
    }
    return { transactionStatus, reasonCode };
  }

  /**
   * Lists the transactions of a span of time, 31 days at most. The list is not signed: it only says
   * which orders are worth asking for.
   * @returns the transactions as WayForPay wrote them.
   * @throws Unavailable also when the answer is no list.
   * @throws Misconfigured also when the account may not list.
   */
  async listTransactions(since: Date, until: Date): Promise<readonly unknown[]> {
    const { merchantAccount, secretKey, apiUrl } = this.#config;
    const dateBegin = Math.floor(since.getTime() / 1000);
    const dateEnd = Math.ceil(until.getTime() / 1000);
    const span = [String(dateBegin), String(dateEnd)];
    const message = {
      transactionType: 'TRANSACTION_LIST',
      merchantAccount,
      merchantSignature: signFields(secretKey, [merchantAccount, ...span]),
      apiVersion: 1,
      dateBegin,
      dateEnd,
    };
    const reply = await post(apiUrl, message, listLimits);
    if (reply.reasonCode !== undefined && mayNotList.includes(reply.reasonCode)) {
      throw new Misconfigured(
        'WayForPay lists nothing for WAYFORPAY_MERCHANT_ACCOUNT: check it against the merchant page.',
      );
    }
    const { data } = listReply.safeParse(reply);
    if (data === undefined) throw new Unavailable('WayForPay answered without a list.');
    return data.transactionList;
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

function toStatus(
  reply: object,
  { transactionStatus: status, processingDate }: SignedReport,
  orderReference: string,
): OrderStatus {
  const { data } = statusReply.safeParse(reply);
  if (data?.orderReference !== orderReference) {
    throw new Unusable('WayForPay answered with something else than the status of the order.');
  }
  const { amount, currency, refundAmount } = data;
  const refundedCents = centsOf(refundAmount ?? '');
  if (refundAmount && refundedCents === undefined) {
    throw new Unusable('The sum of the refunds is no amount.');
  }
  const processedAt =
    processingDate === undefined ? undefined : new Date(Number(processingDate) * 1000);
  return { status, amountCents: centsOf(amount), currency, refundedCents, processedAt };
}

/** Posts JSON and reads JSON. Numbers stay the texts that WayForPay wrote. */
async function post(
  url: string,
  message: object,
  limits: Pick<OutboundRequest, 'timeoutMs' | 'maxBytes'> = { timeoutMs: TIMEOUT_MS },
): Promise<z.output<typeof answer>> {
  const { ok, text } = await exchange('WayForPay', url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(message),
    ...limits,
  });
  const { data } = answer.safeParse(parseLiterals(text));
  if (!ok || data === undefined) throw new Unavailable('WayForPay did not answer.');
  if (data.reasonCode === reasons.wrongSignature) {
    throw new Misconfigured(
      'WayForPay refuses WAYFORPAY_SECRET_KEY: set the key of WAYFORPAY_MERCHANT_ACCOUNT.',
    );
  }
  return data;
}
