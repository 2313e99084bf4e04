import { withControl } from '../control.ts';
import { listen, type Handler, type Listener, type Reply } from '../http.ts';
import { merchantPage, withButtons } from './merchant-page.ts';
import { Notices, type NoticeControl } from '../notices.ts';
import { decryptedParams, sign, signedNotice } from './signature.ts';

/** How the stand-in is started. */
export interface PayeerOptions {
  port?: number;
  merchantId: string;
  secretKey: string;
  encryptionKey: string;
  /** The Status URL of the cabinet; null: notifications are made, and sent nowhere. */
  statusUrl: string | null;
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
  /** Forgets the invoices and the notices. */
  reset(): void;
}

export interface PayeerStandin extends Listener {
  control: PayeerControl;
}

/** Starts the stand-in for Payeer's merchant form; its control is served at the same port. */
export async function startPayeer(options: PayeerOptions): Promise<PayeerStandin> {
  const invoices = new Map<string, Invoice>();
  const notices = new Notices(options.statusUrl, ({ body }, status, reply) => {
    return (
      status === 200 && reply === `${new URLSearchParams(body).get('m_orderid') ?? ''}|success`
    );
  });
  const cashier = new Cashier(options, invoices, notices);
  const control: PayeerControl = {
    ...notices.control(),
    pay: (orderId) => cashier.operate(orderId, 'success'),
    fail: (orderId) => cashier.operate(orderId, 'fail'),
    invoice: (orderId) => structuredClone(cashier.invoice(orderId)),
    signed: (fields, key = options.secretKey) =>
      new URLSearchParams(signedNotice(fields, key)).toString(),
    reset: () => {
      invoices.clear();
      notices.clear();
    },
  };
  const handler = withButtons(
    (orderId, status) => cashier.operate(orderId, status),
    merchant(options, invoices),
  );
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
  /** Counted from the time of the start: given out once, whatever was started before. */
  #operations: number;

  constructor(options: PayeerOptions, invoices: Map<string, Invoice>, notices: Notices) {
    this.#options = options;
    this.#operations = options.now?.() ?? Date.now();
    this.#invoices = invoices;
    this.#notices = notices;
  }

  invoice(orderId: string): Invoice {
    const invoice = this.#invoices.get(orderId);
    if (!invoice) throw new Error(`there is no invoice ${orderId}`);
    return invoice;
  }

  operate(orderId: string, status: 'success' | 'fail'): Invoice {
    const invoice = this.invoice(orderId);
    this.#operations += 1;
    invoice.operations.push(String(this.#operations));
    const { merchantId, secretKey } = this.#options;
    const at = dotted(this.#options.now?.() ?? Date.now());
    const notice = {
      m_operation_id: String(this.#operations),
      m_operation_ps: '2609',
      m_operation_date: at,
      m_operation_pay_date: at,
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
}

/** `31.12.2026 23:59:59`, as clocks in Moscow show it. */
function dotted(milliseconds: number): string {
  const [date = '', time = ''] = new Date(milliseconds + 3 * 3_600_000).toISOString().split('T');
  return `${date.split('-').reverse().join('.')} ${time.slice(0, 8)}`;
}
