import { withControl } from '../control.ts';
import { ApiFaults, type ApiFault } from '../faults.ts';
import { faulty } from '../faulty.ts';
import { listen, type Call, type Handler, type Listener, type Reply } from '../http.ts';
import { Notices, type NoticeControl } from '../notices.ts';
import { Ledger, type Payment, type Status } from './ledger.ts';
import { paymentPage, withButtons } from './pages.ts';
import { apiSign, formSign, signedNotice, type Project } from './signature.ts';

/** How the stand-in is started. */
export interface AnypayOptions extends Project {
  port?: number;
  apiId: string;
  apiKey: string;
  /** The notification address of the project; null: notices are made, and sent nowhere. */
  noticeUrl: string | null;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** What the buyer and the operator do, and what a test can see. */
export interface AnypayControl extends NoticeControl {
  /** The buyer pays the order; once more, if it was paid before. */
  pay(payId: string): Payment;
  /** Any other status of the last payment of the order, told in a notice. */
  become(payId: string, status: Status): Payment;
  /** A payment that no form has started. */
  createForeignPayment(payId: string, amount: number, currency?: string, id?: string): Payment;
  /** Overwrites fields of the order's last payment in silence. */
  edit(payId: string, patch: Partial<Payment>): Payment;
  payments(payId: string): Payment[];
  /** How many payments the API lists at once; 1000 unless told otherwise. */
  setPageSize(size: number): void;
  /** The parameters of every call of the API, but for its signature, oldest first. */
  requests(): Record<string, string>[];
  /** A notice's body about anything at all, signed for real. */
  signed(notice: Record<string, string>, secretKey?: string): string;
  /** From now on the API answers this error code; null: none. */
  refuse(code: number | null): void;
  fault(...faults: ApiFault[]): void;
  /** Forgets the payments, the notices and the faults. */
  reset(): void;
}

export interface AnypayStandin extends Listener {
  control: AnypayControl;
}

/** Starts the stand-in for AnyPay's form and API; its control is served at the same port. */
export async function startAnypay(options: AnypayOptions): Promise<AnypayStandin> {
  const ledger = new Ledger(options.now ?? Date.now);
  const faults = new ApiFaults();
  const notices = new Notices(options.noticeUrl, (_notice, status, reply) => {
    return status === 200 && reply === 'OK';
  });
  const desk: Desk = { options, ledger, refusal: null, pageSize: PAGE_SIZE, requests: [] };
  const tell = (payment: Payment): Payment => {
    notices.make({
      type: payment.status,
      contentType: 'application/x-www-form-urlencoded',
      body: new URLSearchParams(signedNotice(options, noticeOf(options, payment))).toString(),
    });
    return structuredClone(payment);
  };
  const control: AnypayControl = {
    ...notices.control(),
    pay: (payId) => tell(ledger.pay(payId)),
    become: (payId, status) => tell(ledger.become(payId, status)),
    createForeignPayment: (payId, amount, currency = 'USD', id) =>
      structuredClone(ledger.start(payId, amount, currency, id)),
    edit: (payId, patch) => structuredClone(Object.assign(ledger.last(payId), patch)),
    payments: (payId) => structuredClone(ledger.of(payId)),
    setPageSize: (size) => {
      desk.pageSize = size;
    },
    requests: () => structuredClone(desk.requests),
    signed: (notice, secretKey = options.secretKey) =>
      new URLSearchParams(signedNotice({ ...options, secretKey }, notice)).toString(),
    refuse: (code) => {
      desk.refusal = code ?? null;
    },
    fault: (...planned) => {
      faults.plan(planned);
    },
    reset: () => {
      ledger.clear();
      notices.clear();
      faults.clear();
      desk.refusal = null;
      desk.pageSize = PAGE_SIZE;
      desk.requests = [];
    },
  };
  const api = recorded(desk, faulty(faults, routes(desk)));
  const handler = withButtons((payId) => control.pay(payId), api);
  const listener = await listen(withControl(control, handler), options.port);
  const stop = (): Promise<void> => {
    notices.stop();
    return listener.stop();
  };
  return { ...listener, stop, control };
}

interface Desk {
  options: AnypayOptions;
  ledger: Ledger;
  refusal: number | null;
  pageSize: number;
  requests: Record<string, string>[];
}

/** The most payments that AnyPay lists at once. */
const PAGE_SIZE = 1000;

const PARAMETERS = ['project_id', 'sign', 'trans_id', 'pay_id', 'offset'];

/** `next`, with each call of the API noted, whatever comes of it. */
function recorded(desk: Desk, next: Handler): Handler {
  return (call) => {
    if (call.path.startsWith('/api/')) {
      const parameters = [...call.query].filter(([name]) => name !== 'sign');
      desk.requests.push(Object.fromEntries(parameters));
    }
    return next(call);
  };
}

function noticeOf({ projectId }: Project, payment: Payment): Record<string, string> {
  return {
    merchant_id: projectId,
    transaction_id: String(payment.transaction_id),
    pay_id: payment.pay_id,
    amount: payment.amount.toFixed(2),
    currency: payment.currency,
    profit: payment.profit.toFixed(2),
    email: 'buyer@example.test',
    method: 'card',
    status: payment.status,
    date: payment.date,
    pay_date: payment.pay_date,
    test: '0',
  };
}

function routes(desk: Desk): Handler {
  return (call) => {
    if (call.path === '/merchant') return form(desk, call);
    if (call.path === `/api/payments/${desk.options.apiId}`) return payments(desk, call);
    return { status: 404, body: 'not found' };
  };
}

/** The payment form: a signed one starts a payment. */
function form({ options, ledger }: Desk, { method, query, body }: Call): Reply {
  const fields = Object.fromEntries(method === 'POST' ? new URLSearchParams(body) : query);
  const { merchant_id: merchantId, pay_id: payId = '', amount, currency = 'RUB', sign } = fields;
  if (merchantId !== options.projectId) return { status: 200, body: 'Error: merchant_id' };
  if (!/^\d{1,15}$/.test(payId)) return { status: 200, body: 'Error: pay_id' };
  if (sign !== formSign(options, fields)) return { status: 200, body: 'Error: sign' };
  ledger.start(payId, Number(amount), currency);
  return paymentPage({ ...fields, currency });
}

function payments(desk: Desk, { query: fields }: Call): Reply {
  const { apiId, apiKey, projectId } = desk.options;
  const sign = apiSign('payments', apiId, [projectId], apiKey);
  if (desk.refusal !== null) return error(desk.refusal);
  if (fields.get('project_id') !== projectId) return error(200);
  if (fields.get('sign') !== sign) return error(102);
  if ([...fields.keys()].some((name) => !PARAMETERS.includes(name))) return error(100);
  const offset = Number(fields.get('offset') ?? 0);
  if (!Number.isSafeInteger(offset) || offset < 0) return error(100);
  const id = fields.get('trans_id');
  const found = desk.ledger
    .of(fields.get('pay_id') ?? undefined)
    .filter(({ transaction_id: one }) => id === null || String(one) === id);
  const page = found.slice(offset, offset + desk.pageSize);
  const byId = Object.fromEntries(page.map((payment) => [payment.transaction_id, payment]));
  const result = { total: found.length, payments: page.length === 0 ? null : byId };
  return { status: 200, body: { result } };
}

function error(code: number): Reply {
  return { status: 200, body: { error: { code: String(code), message: 'ordered' } } };
}
