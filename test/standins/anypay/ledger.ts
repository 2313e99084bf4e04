export type Status =
  'paid' | 'partially-paid' | 'waiting' | 'refund' | 'canceled' | 'expired' | 'error';

/** A payment as the API answers it. */
export interface Payment {
  transaction_id: number;
  pay_id: string;
  status: Status;
  method: string;
  /** In whole units, as a number. */
  amount: number;
  currency: string;
  /** What is left of it for the merchant. */
  profit: number;
  email: string;
  desc: string;
  date: string;
  pay_date: string;
}

/** The payments of a project. */
export class Ledger {
  readonly #now: () => number;
  #payments: Payment[] = [];
  /** Counted from the time of the start: given out once, whatever was started before. */
  #transactions: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#transactions = now();
  }

  start(payId: string, amount: number, currency: string, id?: string): Payment {
    this.#transactions += 1;
    const payment: Payment = {
      transaction_id: id === undefined ? this.#transactions : Number(id),
      pay_id: payId,
      status: 'waiting',
      method: 'card',
      amount,
      currency,
      profit: amount * 0.9,
      email: 'buyer@example.test',
      desc: '',
      date: this.#time(),
      pay_date: '',
    };
    this.#payments.push(payment);
    return payment;
  }

  pay(payId: string): Payment {
    const last = this.last(payId);
    const payment = last.status === 'paid' ? this.start(payId, last.amount, last.currency) : last;
    return Object.assign(payment, { status: 'paid', pay_date: this.#time() });
  }

  become(payId: string, status: Status): Payment {
    return Object.assign(this.last(payId), { status });
  }

  last(payId: string): Payment {
    const payment = this.of(payId).at(-1);
    if (!payment) throw new Error(`there is no payment of ${payId}`);
    return payment;
  }

  /** Oldest first; of all orders unless one is named. */
  of(payId?: string): Payment[] {
    return this.#payments.filter((payment) => payId === undefined || payment.pay_id === payId);
  }

  clear(): void {
    this.#payments = [];
  }

  /** `31.12.2026 23:59:59`, as clocks in Moscow show it. */
  #time(): string {
    const moscow = new Date(this.#now() + 3 * 3_600_000).toISOString();
    const [date = '', time = ''] = moscow.split('T');
    return `${date.split('-').reverse().join('.')} ${time.slice(0, 8)}`;
  }
}
