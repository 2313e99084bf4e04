import { withControl } from '../control.ts';
import { ApiFaults, type ApiFault } from '../faults.ts';
import { faulty } from '../faulty.ts';
import { listen, type Handler, type Listener, type Reply } from '../http.ts';
import { Api, type ApiUser } from './api.ts';
import { merchantPage, withButtons } from './merchant-page.ts';
import { Notices, type NoticeControl } from '../notices.ts';
import { Payments, type Payment } from './payments.ts';
import { decryptedParams, sign, signedNotice } from './signature.ts';

/** How the stand-in is started. */
export interface PayeerOptions {
  port?: number;
  merchantId: string;
  secretKey: string;
  encryptionKey: string;
  /** The Status URL of the cabinet; null: notifications are made, and sent nowhere. */
  statusUrl: string | null;
  /** The user of the API; without one it refuses every call. */
  apiUser?: ApiUser;
  /**
   * Whether the API names a payment by the number of its notification, `same` unless told otherwise:
   * Payeer does not say.
   */
  apiNumbers?: 'same' | 'other';
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** An invoice, made when the buyer's browser posts the form. */
export interface Invoice {
  orderId: string;
  amount: string;
  currency: string;
  /** As posted: base64. */
  description: string;
  /** The additional parameters in clear text; null when none were posted. */
  params: string | null;
  /** Numbers of the payments of it, paid or failed. */
  operations: string[];
}

/** What the buyer does, and what a test can see. */
export interface PayeerControl extends NoticeControl {
  /** The buyer pays the invoice; again, if it was paid before. */
  pay(orderId: string): Invoice;
  /** The buyer's payment fails. */
  fail(orderId: string): Invoice;
  invoice(orderId: string): Invoice;
  /** A notification's body about anything at all, signed for real. */
  signed(fields: Record<string, string>, secretKey?: string): string;
  /** The tries to pay an invoice, oldest first, and what the API shows of them. */
  payments(orderId: string): Payment[];
  /** Overwrites fields of the order's last payment in silence, as the API shows them. */
  edit(orderId: string, patch: Partial<Pick<Payment, 'details' | 'transaction'>>): Payment;
  /** The parameters of every call of the API, but for its user, oldest first. */
  requests(): Record<string, string>[];
  /** How many transactions the API lists at once; 1000 unless told otherwise. */
  setPageSize(size: number): void;
  /** Plans faults of the API. */
  fault(...faults: ApiFault[]): void;
  /** Forgets the invoices, the notices and the faults; a blocked user of the API is not blocked. */
  reset(): void;
}

export interface PayeerStandin extends Listener {
  control: PayeerControl;
}

/** Starts the stand-in for Payeer's merchant form; its control is served at the same port. */
export async function startPayeer(options: PayeerOptions): Promise<PayeerStandin> {
  const { merchantId, apiUser, apiNumbers = 'same', now = Date.now } = options;
  const invoices = new Map<string, Invoice>();
  const notices = new Notices(options.statusUrl, ({ body }, status, reply) => {
    return (
      status === 200 && reply === `${new URLSearchParams(body).get('m_orderid') ?? ''}|success`
    );
  });
  const payments = new Payments(merchantId, apiNumbers, now);
  const api = new Api(apiUser, merchantId, payments);
  const faults = new ApiFaults();
  const cashier = new Cashier(options, invoices, notices, payments);
  const control: PayeerControl = {
    ...notices.control(),
    ...cashier.control(),
    signed: (fields, key = options.secretKey) =>
      new URLSearchParams(signedNotice(fields, key)).toString(),
    requests: () => api.requests(),
    setPageSize: (size) => {
      api.setPageSize(size);
    },
    fault: (...planned) => {
      faults.plan(planned);
    },
    reset: () => {
      invoices.clear();
      payments.clear();
      notices.clear();
      api.reset();
      faults.clear();
    },
  };
  const form = merchant(options, invoices);
  const asked = api.noted(faulty(faults, (call) => api.answer(call) ?? form(call)));
  const handler = withButtons((orderId, status) => cashier.operate(orderId, status), asked);
  const listener = await listen(withControl(control, handler), options.port);
  const stop = (): Promise<void> => {
    notices.stop();
    return listener.stop();
  };
  return { ...listener, stop, control };
}

/** `POST /merchant/`: the form becomes an invoice, if it is signed. */
function merchant(options: PayeerOptions, invoices: Map<string, Invoice>): Handler {
  return (call): Reply => {
    if (call.method !== 'POST' || call.path !== '/merchant/') return { status: 404 };
    const form = new URLSearchParams(call.body);
    const text = (name: string): string => form.get(name) ?? '';
    const names = ['m_shop', 'm_orderid', 'm_amount', 'm_curr', 'm_desc'];
    const signed = [...names, ...(form.has('m_params') ? ['m_params'] : [])];
    if (text('m_shop') !== options.merchantId) return { status: 200, body: 'Invalid m_shop' };
    if (text('m_sign') !== sign(options.secretKey, signed.map(text))) {
      return { status: 200, body: 'Invalid m_sign' };
    }
    const isReadable = text('m_cipher_method') === 'AES-256-CBC';
    if (form.has('m_params') && !isReadable) return { status: 200, body: 'Invalid m_params' };
    const orderId = text('m_orderid');
    const params = form.has('m_params')
      ? decryptedParams(options.encryptionKey, orderId, text('m_params'))
      : null;
    const invoice: Invoice = {
      orderId,
      amount: text('m_amount'),
      currency: text('m_curr'),
      description: text('m_desc'),
      params,
      operations: [],
    };
    invoices.set(orderId, invoice);
    return merchantPage(invoice);
  };
}

class Cashier {
  readonly #options: PayeerOptions;
  readonly #invoices: Map<string, Invoice>;
  readonly #notices: Notices;
  readonly #payments: Payments;

  constructor(
    options: PayeerOptions,
    invoices: Map<string, Invoice>,
    notices: Notices,
    payments: Payments,
  ) {
    this.#options = options;
    this.#invoices = invoices;
    this.#notices = notices;
    this.#payments = payments;
  }

  /** The part of the control that is about invoices and their payments. */
  control(): Pick<PayeerControl, 'pay' | 'fail' | 'invoice' | 'payments' | 'edit'> {
    return {
      pay: (orderId) => this.operate(orderId, 'success'),
      fail: (orderId) => this.operate(orderId, 'fail'),
      invoice: (orderId) => structuredClone(this.#invoice(orderId)),
      payments: (orderId) => structuredClone(this.#payments.of(orderId)),
      edit: (orderId, { details = {}, transaction = {} }) => {
        const payment = this.#payments.last(orderId);
        Object.assign(payment.details, details);
        Object.assign(payment.transaction, transaction);
        return structuredClone(payment);
      },
    };
  }

  operate(orderId: string, status: 'success' | 'fail'): Invoice {
    const invoice = this.#invoice(orderId);
    const { operationId, at } = this.#payments.make(invoice, status);
    invoice.operations.push(operationId);
    const { merchantId, secretKey } = this.#options;
    const notice = {
      m_operation_id: operationId,
      m_operation_ps: '2609',
      m_operation_date: dotted(at),
      m_operation_pay_date: dotted(at),
      m_shop: merchantId,
      m_orderid: orderId,
      m_amount: invoice.amount,
      m_curr: invoice.currency,
      m_desc: invoice.description,
      m_status: status,
      ...(invoice.params !== null && { m_params: invoice.params }),
      // Not signed.
      summa_out: '0.01',
      client_account: 'P1000000',
      lang: 'en',
    };
    this.#notices.make({
      type: status,
      contentType: 'application/x-www-form-urlencoded',
      body: new URLSearchParams(signedNotice(notice, secretKey)).toString(),
    });
    return structuredClone(invoice);
  }

  #invoice(orderId: string): Invoice {
    const invoice = this.#invoices.get(orderId);
    if (!invoice) throw new Error(`there is no invoice ${orderId}`);
    return invoice;
  }
}

/** `31.12.2026 23:59:59`, as clocks in Moscow show it. */
function dotted(milliseconds: number): string {
  const [date = '', time = ''] = new Date(milliseconds + 3 * 3_600_000).toISOString().split('T');
  return `${date.split('-').reverse().join('.')} ${time.slice(0, 8)}`;
}
