/** One try to pay an invoice. */
export interface Payment {
  /** `m_operation_id` of the notification. */
  operationId: string;
  /** `merchantTransactionId` of the API. */
  transactionId: string;
  /** The account's transaction that brings the money. */
  profitId: string;
  orderId: string;
  /** Milliseconds since the epoch. */
  at: number;
  status: 'success' | 'fail';
  /** The payment as `paymentDetails` shows it. */
  details: Record<string, unknown>;
  /** The account's transaction as `history` shows it. */
  transaction: Record<string, unknown>;
}

/** What was invoiced, as posted. */
interface Invoiced {
  orderId: string;
  amount: string;
  currency: string;
  description: string;
}

/** The payments of a shop, oldest first. */
export class Payments {
  readonly #merchantId: string;
  readonly #numbers: 'same' | 'other';
  readonly #now: () => number;
  #payments: Payment[] = [];
  /** Counted from the time of the start: given out once, whatever was started before. */
  #numbersGiven: number;

  /** @param numbers whether the API names a payment by the number of its notification. */
  constructor(merchantId: string, numbers: 'same' | 'other', now: () => number) {
    this.#merchantId = merchantId;
    this.#numbers = numbers;
    this.#now = now;
    this.#numbersGiven = now();
  }

  make(invoice: Invoiced, status: Payment['status']): Payment {
    const operationId = this.#next();
    const ids = {
      operationId,
      transactionId: this.#numbers === 'same' ? operationId : this.#next(),
      profitId: this.#next(),
    };
    const at = this.#now();
    const payment: Payment = {
      ...ids,
      orderId: invoice.orderId,
      at,
      status,
      details: detailsOf(invoice, ids, status, at),
      transaction: transactionOf(invoice, ids.profitId, status, at, this.#merchantId),
    };
    this.#payments.push(payment);
    return payment;
  }

  of(orderId: string): Payment[] {
    return this.#payments.filter((payment) => payment.orderId === orderId);
  }

  last(orderId: string): Payment {
    const payment = this.of(orderId).at(-1);
    if (!payment) throw new Error(`there is no payment of ${orderId}`);
    return payment;
  }

  all(): readonly Payment[] {
    return this.#payments;
  }

  clear(): void {
    this.#payments = [];
  }

  #next(): string {
    this.#numbersGiven += 1;
    return String(this.#numbersGiven);
  }
}

function detailsOf(
  invoice: Invoiced,
  { transactionId, profitId }: Pick<Payment, 'transactionId' | 'profitId'>,
  status: Payment['status'],
  at: number,
): Record<string, unknown> {
  const amount = Number(invoice.amount);
  const isPaid = status === 'success';
  const seconds = Math.floor(at / 1000);
  return {
    amount,
    currency: invoice.currency,
    description: Buffer.from(invoice.description, 'base64').toString('utf8'),
    referenceId: invoice.orderId,
    created: moscowText(at),
    processed: isPaid ? moscowText(at) : null,
    paySystemName: 'Payeer',
    paySystemId: '2609',
    clientAmount: amount,
    clientCurrency: invoice.currency,
    clientAccount: 'P1000001',
    clientEmail: 'buyer@example.test',
    profitAmount: isPaid ? (Math.round(amount * 100) - 1) / 100 : null,
    profitCurrency: invoice.currency,
    profitTransactionId: isPaid ? profitId : null,
    merchantTransactionId: isPaid ? transactionId : null,
    created_ts: seconds,
    processed_ts: isPaid ? seconds : null,
    merchantFee: 0.01,
    merchantCurrency: invoice.currency,
  };
}

function transactionOf(
  { orderId, amount, currency, description }: Invoiced,
  id: string,
  status: Payment['status'],
  at: number,
  merchantId: string,
): Record<string, unknown> {
  return {
    id,
    date: moscowText(at),
    type: 'sci',
    status: status === 'success' ? 'success' : 'canceled',
    from: '@merchant',
    debitedAmount: amount,
    debitedCurrency: currency,
    to: 'P1000000',
    creditedAmount: (Number(amount) - 0.01).toFixed(2),
    creditedCurrency: currency,
    payeerFee: '0.01',
    gateFee: '0.00',
    comment: '',
    paySystem: 'Payeer',
    shopId: merchantId,
    shopOrderId: orderId,
    exchangeRate: '1',
    protect: 'N',
    protectDay: null,
    isApi: 'N',
    shop: { id: merchantId, domain: 'app.example.test', orderid: orderId, description },
  };
}

/** `2026-12-31 23:59:59`, as clocks in Moscow show it. */
function moscowText(milliseconds: number): string {
  return new Date(milliseconds + 3 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}
