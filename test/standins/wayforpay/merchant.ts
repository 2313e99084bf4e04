import type { Reply } from '../http.ts';
import { sign, signedReport, textOf, type Report } from './signature.ts';

export type Status =
  | 'Created'
  | 'InProcessing'
  | 'Pending'
  | 'WaitingAuthComplete'
  | 'Approved'
  | 'Declined'
  | 'Expired'
  | 'RefundInProcessing'
  | 'Refunded'
  | 'Voided';

/** An order as WayForPay keeps it. */
export interface MerchantOrder {
  orderReference: string;
  amountCents: number;
  currency: string;
  status: Status;
  refundedCents: number;
  /** Where its callbacks go; null: wherever the last ones went. */
  serviceUrl: string | null;
  /** Unix seconds. */
  processedAt: number;
}

/** A line of the list of transactions: a refund is a transaction of its own. */
interface Transaction {
  readonly order: MerchantOrder;
  readonly transactionType: 'PURCHASE' | 'REFUND';
  amountCents: number;
  status: Status;
  /** Unix seconds. */
  readonly createdAt: number;
  processedAt: number;
}

interface Settings {
  merchantAccount: string;
  secretKey: string;
  domain: string;
}

/** The statuses of an order of which money may be given back. */
const REFUNDABLE: readonly Status[] = ['Approved', 'Refunded'];

/** The longest span that is listed, in seconds. */
const LONGEST_SPAN = 31 * 24 * 3600;

const OK = { reason: 'Ok', reasonCode: 1100 };
const CODES: Partial<Record<Status, number>> = { Declined: 1101, Expired: 1124, Pending: 1134 };

/** The merchant's account: its orders, and what its API answers. */
export class Merchant {
  hidesRefunds = false;
  /** The reason code by which the API refuses every refund; null: none. */
  refundRefusal: number | null = null;
  /** What the API answers to every refund, without doing it; null: as it should. */
  refundAnswer: Report | null = null;
  /** While on, a refund waits: the merchant's balance is too small for it. */
  queuesRefunds = false;
  /** Told of an order that the API has changed. */
  onChange: (order: MerchantOrder) => void = () => undefined;
  /** What the API was asked, in order. */
  readonly requests: Report[] = [];
  readonly #transactions: Transaction[] = [];
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #orders = new Map<string, MerchantOrder>();
  /** The cents that wait, by order. */
  readonly #queued = new Map<string, number>();

  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  clear(): void {
    this.#orders.clear();
    this.#transactions.length = 0;
    this.requests.length = 0;
    this.#queued.clear();
    this.hidesRefunds = false;
    this.refundRefusal = null;
    this.refundAnswer = null;
    this.queuesRefunds = false;
  }

  order(orderReference: string): MerchantOrder {
    const order = this.#orders.get(orderReference);
    if (!order) throw new Error(`there is no order ${orderReference}`);
    return order;
  }

  create(
    orderReference: string,
    amountCents: number,
    currency: string,
    serviceUrl: string | null,
  ): MerchantOrder {
    const processedAt = this.#seconds();
    const order: MerchantOrder = {
      orderReference,
      amountCents,
      currency,
      status: 'Created',
      refundedCents: 0,
      serviceUrl,
      processedAt,
    };
    this.#orders.set(orderReference, order);
    this.#note(order, 'PURCHASE', amountCents);
    return order;
  }

  become(orderReference: string, status: Status): MerchantOrder {
    const order = this.order(orderReference);
    Object.assign(order, { status, processedAt: this.#seconds() });
    const last = this.#transactions.findLast((one) => one.order === order);
    if (last) Object.assign(last, { status, processedAt: order.processedAt });
    return order;
  }

  refund(orderReference: string, amountCents?: number): MerchantOrder {
    const order = this.order(orderReference);
    const left = order.amountCents - order.refundedCents;
    const cents = amountCents ?? left;
    if (cents > left) throw new Error('more than is left');
    order.refundedCents += cents;
    this.#note(order, 'REFUND', cents);
    return this.become(orderReference, 'Refunded');
  }

  /** The refund that waits for the balance is over. */
  endRefund(orderReference: string): MerchantOrder {
    const cents = this.#queued.get(orderReference);
    if (cents === undefined) throw new Error('no refund waits');
    this.#queued.delete(orderReference);
    return this.refund(orderReference, cents);
  }

  /** Takes a purchase; what is wrong with it, if anything. */
  purchase(form: Report): Report | undefined {
    const { merchantAccount, secretKey, domain } = this.#settings;
    const text = (name: string): string => textOf(form[name]);
    const list = (name: string): string[] => [form[name]].flat().map(String);
    const fields = ['merchantAccount', 'merchantDomainName', 'orderReference', 'orderDate'];
    const signed = [...fields, 'amount', 'currency'].map(text);
    const products = ['productName', 'productCount', 'productPrice'].flatMap(list);
    const isSigned = form['merchantSignature'] === sign(secretKey, ...signed, ...products);
    if (text('merchantAccount') !== merchantAccount) return refusal('Account not found', 1121);
    if (text('merchantDomainName') !== domain) return refusal('Merchant restriction', 1118);
    if (!isSigned) return refusal('Invalid signature', 1113);
    if (this.#orders.has(text('orderReference'))) return refusal('Duplicate Order ID', 1112);
    const cents = Math.round(Number(text('amount')) * 100);
    this.create(text('orderReference'), cents, text('currency'), text('serviceUrl'));
    return undefined;
  }

  /** The API: CHECK_STATUS, REFUND and TRANSACTION_LIST. */
  answer(request: Report): Reply {
    this.requests.push(request);
    return request['transactionType'] === 'TRANSACTION_LIST'
      ? { status: 200, body: this.#list(request) }
      : this.#answerOf(request);
  }

  #answerOf(request: Report): Reply {
    const { merchantAccount, secretKey } = this.#settings;
    const { transactionType, orderReference, amount, currency, merchantSignature } = request;
    const isRefund = transactionType === 'REFUND';
    const fields = [merchantAccount, orderReference, ...(isRefund ? [amount, currency] : [])];
    if (request['merchantAccount'] !== merchantAccount) {
      return { status: 200, body: refusal('Account not found', 1121) };
    }
    if (merchantSignature !== sign(secretKey, ...(fields as string[]))) {
      return { status: 200, body: refusal('Invalid signature', 1113) };
    }
    const order = this.#orders.get(textOf(orderReference));
    if (!order) return { status: 200, body: refusal('Order Not Found', 1127) };
    if (isRefund) return { status: 200, body: this.#refund(order, request) };
    const refunds = this.hidesRefunds ? {} : { refundAmount: order.refundedCents / 100 };
    const report = { ...this.report(order), ...refunds, settlementAmount: null };
    return { status: 200, body: signedReport(report, secretKey) };
  }

  /** https://wiki.wayforpay.com/view/852115: the answer signs other fields than a status does. */
  #refund(order: MerchantOrder, { amount, currency, comment }: Report): Report {
    const { merchantAccount, secretKey } = this.#settings;
    const { orderReference } = order;
    const answer = (transactionStatus: Status, reason: string, reasonCode: number): Report => ({
      ...{ merchantAccount, orderReference, transactionStatus, reason, reasonCode },
      merchantSignature: sign(
        secretKey,
        merchantAccount,
        orderReference,
        transactionStatus,
        reasonCode,
      ),
    });
    if (this.refundAnswer !== null) return this.refundAnswer;
    const cents = Math.round(Number(amount) * 100);
    const declined = this.#whyDeclined(order, cents, { currency, comment });
    if (declined) return answer('Declined', ...declined);
    if (this.queuesRefunds) {
      this.#queued.set(orderReference, cents);
      this.become(orderReference, 'RefundInProcessing');
    } else this.refund(orderReference, cents);
    this.onChange(order);
    return answer(order.status, OK.reason, OK.reasonCode);
  }

  #whyDeclined(
    { status, currency, amountCents, refundedCents }: MerchantOrder,
    cents: number,
    asked: Report,
  ): [reason: string, code: number] | undefined {
    if (textOf(asked['comment']) === '') return ['Missing parameter', 1115];
    if (asked['currency'] !== currency) return ['Currency not allowed', 1110];
    if (!(cents > 0)) return ['Wrong amount', 1130];
    if (this.refundRefusal !== null) return ['Refused', this.refundRefusal];
    if (status === 'RefundInProcessing') return ['Refund in processing', 1138];
    if (!REFUNDABLE.includes(status)) return ['Refund not allowed', 1123];
    return cents > amountCents - refundedCents ? ['Refund limit exceeded', 1128] : undefined;
  }

  /** The transactions that were processed in a span of time, oldest first. The answer has no signature. */
  #list({ merchantAccount, dateBegin, dateEnd, merchantSignature, apiVersion }: Report): Report {
    const { merchantAccount: account, secretKey } = this.#settings;
    if (merchantAccount !== account) return refusal('Account not found', 1121);
    const span = [dateBegin, dateEnd].map(Number);
    const [since = NaN, until = NaN] = span;
    if (merchantSignature !== sign(secretKey, account, ...span)) {
      return refusal('Invalid signature', 1113);
    }
    const isSpan = until >= since && until - since <= LONGEST_SPAN;
    if (!isSpan || ![1, 2].includes(Number(apiVersion))) return refusal('Format error', 1109);
    const listed = this.#transactions.filter(
      ({ processedAt }) => processedAt >= since && processedAt <= until,
    );
    return { ...OK, transactionList: listed.map((one) => this.#line(one)) };
  }

  #line({ order, transactionType, amountCents, status, createdAt, processedAt }: Transaction) {
    const { cardPan, cardType, email, phone, paymentSystem, fee, reason, reasonCode } = this.report(
      {
        ...order,
        status,
      },
    );
    return {
      transactionType,
      orderReference: order.orderReference,
      createdDate: createdAt,
      amount: amountCents / 100,
      currency: order.currency,
      transactionStatus: status,
      processingDate: processedAt,
      ...{ reasonCode, reason, email, phone, paymentSystem, cardPan, cardType, fee },
    };
  }

  #note(order: MerchantOrder, transactionType: 'PURCHASE' | 'REFUND', amountCents: number): void {
    const now = this.#seconds();
    const { status } = order;
    const times = { createdAt: now, processedAt: now };
    this.#transactions.push({ order, transactionType, amountCents, status, ...times });
  }

  /** What a callback and a status say of an order. */
  report(order: MerchantOrder): Report {
    const { status, processedAt } = order;
    const isPaid = status === 'Approved' || status === 'Refunded' || status === 'Voided';
    return {
      merchantAccount: this.#settings.merchantAccount,
      orderReference: order.orderReference,
      amount: order.amountCents / 100,
      currency: order.currency,
      authCode: isPaid ? '417935' : '',
      email: null,
      phone: null,
      createdDate: processedAt,
      processingDate: processedAt,
      cardPan: isPaid ? '53****1234' : '',
      cardType: isPaid ? 'MasterCard' : null,
      recToken: '',
      transactionStatus: status,
      ...(isPaid ? OK : { reason: status, reasonCode: CODES[status] ?? 1131 }),
      fee: isPaid ? 0.25 : 0,
      paymentSystem: 'card',
      clientName: null,
    };
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}

function refusal(reason: string, reasonCode: number): Report {
  return { reason, reasonCode };
}
