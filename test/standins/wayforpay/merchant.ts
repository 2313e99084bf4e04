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

interface Settings {
  merchantAccount: string;
  secretKey: string;
  domain: string;
}

const OK = { reason: 'Ok', reasonCode: 1100 };
const CODES: Partial<Record<Status, number>> = { Declined: 1101, Expired: 1124, Pending: 1134 };

/** The merchant's account: its orders, and what its API answers. */
export class Merchant {
  hidesRefunds = false;
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #orders = new Map<string, MerchantOrder>();

  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  clear(): void {
    this.#orders.clear();
    this.hidesRefunds = false;
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
    return order;
  }

  become(orderReference: string, status: Status): MerchantOrder {
    const order = this.order(orderReference);
    return Object.assign(order, { status, processedAt: this.#seconds() });
  }

  refund(orderReference: string, amountCents?: number): MerchantOrder {
    const order = this.order(orderReference);
    const left = order.amountCents - order.refundedCents;
    const cents = amountCents ?? left;
    if (cents > left) throw new Error('more than is left');
    order.refundedCents += cents;
    return this.become(orderReference, 'Refunded');
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

  /** The API: CHECK_STATUS and REFUND. */
  answer(request: Report): Reply {
    const { merchantAccount, secretKey } = this.#settings;
    const { transactionType, orderReference, amount, currency, merchantSignature } = request;
    const isRefund = transactionType === 'REFUND';
    const fields = [merchantAccount, orderReference, ...(isRefund ? [amount, currency] : [])];
    if (merchantSignature !== sign(secretKey, ...(fields as string[]))) {
      return { status: 200, body: refusal('Invalid signature', 1113) };
    }
    const order = this.#orders.get(textOf(orderReference));
    if (!order) return { status: 200, body: refusal('Order Not Found', 1127) };
    if (isRefund) this.refund(order.orderReference, Math.round(Number(amount) * 100));
    const refunds = this.hidesRefunds ? {} : { refundAmount: order.refundedCents / 100 };
    const report = { ...this.report(order), ...refunds, settlementAmount: null };
    return { status: 200, body: signedReport(report, secretKey) };
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
