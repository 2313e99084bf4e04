import { withControl } from '../control.ts';
import { ApiFaults, type ApiFault } from '../faults.ts';
import { faulty } from '../faulty.ts';
import { listen, type Call, type Handler, type Listener, type Reply } from '../http.ts';
import { Notices, type NoticeControl } from '../notices.ts';
import { Merchant, type MerchantOrder, type Status } from './merchant.ts';
import { Pages } from './pages.ts';
import { sign, signedReport, textOf, type Report } from './signature.ts';

/** How the stand-in is started. */
export interface WayforpayOptions {
  port?: number;
  merchantAccount: string;
  secretKey: string;
  domain: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** What the buyer and the operator do, and what a test can see. */
export interface WayforpayControl extends NoticeControl {
  /** The buyer pays on the page of the order. */
  pay(orderReference: string): MerchantOrder;
  /** Any other status that WayForPay gives an order, told in a callback. */
  become(orderReference: string, status: Status): MerchantOrder;
  /** In the cabinet; cents, all that is left unless told otherwise. */
  refund(orderReference: string, amountCents?: number): MerchantOrder;
  /** From now on the API refuses refunds by this reason code; undefined: as it should. */
  refuseRefunds(reasonCode?: number): void;
  /** From now on the API answers this to a refund, whatever it is, and does nothing. */
  answerRefunds(answer: Report): void;
  /** While on, refunds by the API wait for the merchant's balance, until `endRefund`. */
  queueRefunds(on: boolean): void;
  endRefund(orderReference: string): MerchantOrder;
  /** An order that no checkout has made. */
  createForeignOrder(orderReference: string, amountCents: number, currency?: string): MerchantOrder;
  order(orderReference: string): MerchantOrder;
  /** From now on CHECK_STATUS says nothing about refunds. */
  hideRefunds(on: boolean): void;
  /** A callback's body about anything at all, signed for real. */
  signed(report: Report, secretKey?: string): string;
  fault(...faults: ApiFault[]): void;
  /** What the API was asked. */
  requests(): Report[];
  /** Forgets the orders, the requests, the notices and the faults. */
  reset(): void;
}

export interface WayforpayStandin extends Listener {
  control: WayforpayControl;
}

/** Starts the stand-in for WayForPay's pages and API; its control is served at the same port. */
export async function startWayforpay(options: WayforpayOptions): Promise<WayforpayStandin> {
  const { secretKey } = options;
  const now = options.now ?? Date.now;
  const notices = new Notices(null, (_notice, status, reply) => {
    return status === 200 && isAccept(reply, secretKey);
  });
  const merchant = new Merchant(options, now);
  const faults = new ApiFaults();
  const pages = new Pages();
  const tell = (order: MerchantOrder, extra: Report = {}): MerchantOrder => {
    // The callback goes where the order said, under a content type that is not JSON's.
    notices.url = order.serviceUrl ?? notices.url;
    const report = { ...merchant.report(order), ...extra };
    const body = JSON.stringify(signedReport(report, secretKey)).replaceAll('/', '\\/');
    const contentType = 'application/x-www-form-urlencoded';
    notices.make({ type: order.status, contentType, body });
    return structuredClone(order);
  };
  merchant.onChange = tell;
  const control: WayforpayControl = {
    ...notices.control(),
    pay: (reference) => tell(merchant.become(reference, 'Approved')),
    become: (reference, status) => tell(merchant.become(reference, status)),
    refund: (reference, cents) => tell(merchant.refund(reference, cents)),
    refuseRefunds: (reasonCode) => {
      merchant.refundRefusal = reasonCode ?? null;
    },
    answerRefunds: (answer) => {
      merchant.refundAnswer = answer;
    },
    queueRefunds: (on) => {
      merchant.queuesRefunds = on;
    },
    endRefund: (reference) => tell(merchant.endRefund(reference)),
    createForeignOrder: (reference, cents, currency = 'USD') =>
      structuredClone(merchant.create(reference, cents, currency, null)),
    order: (reference) => structuredClone(merchant.order(reference)),
    hideRefunds: (on) => {
      merchant.hidesRefunds = on;
    },
    signed: (report, key = secretKey) => JSON.stringify(signedReport(report, key)),
    fault: (...planned) => {
      faults.plan(planned);
    },
    requests: () => structuredClone(merchant.requests),
    reset: () => {
      merchant.clear();
      pages.clear();
      notices.clear();
      faults.clear();
    },
  };
  const end = (reference: string, status: 'Approved' | 'Declined'): Report =>
    signedReport(merchant.report(control.become(reference, status)), secretKey);
  const served = withFaults(
    faults,
    (call) => pages.answer(call, end) ?? answer(merchant, pages, call),
  );
  const listener = await listen(withControl(control, served), options.port);
  const stop = (): Promise<void> => {
    notices.stop();
    return listener.stop();
  };
  return { ...listener, stop, control };
}

/** All calls of the API have one path: a fault names the type behind it, as in `POST /api/REFUND`. */
function withFaults(faults: ApiFaults, next: Handler): Handler {
  return (call) => {
    const type = call.path === '/api' ? `/${textOf(readJson(call.body)['transactionType'])}` : '';
    return faulty(faults, () => next(call))({ ...call, path: call.path + type });
  };
}

function answer(merchant: Merchant, pages: Pages, call: Call): Reply {
  const request = `${call.method} ${call.path}`;
  if (request === 'POST /pay') return offlinePage(merchant, pages, call);
  if (request === 'POST /api') return merchant.answer(readJson(call.body));
  return { status: 404, body: 'not found' };
}

/** The page's address instead of the page, as `behavior=offline` asks for. */
function offlinePage(merchant: Merchant, pages: Pages, call: Call): Reply {
  if (call.query.get('behavior') !== 'offline') return { status: 200, body: 'Pay here.' };
  const purchase = readJson(call.body);
  const refusal = merchant.purchase(purchase);
  if (refusal) return { status: 200, body: refusal };
  const url = `http://${call.headers.host ?? ''}${pages.make(purchase)}`;
  return { status: 200, body: { url } };
}

/** Anything but the signed word "accept" and WayForPay calls again. */
function isAccept(reply: string, secretKey: string): boolean {
  const { orderReference, status, time, signature } = readJson(reply);
  if (status !== 'accept' || typeof time !== 'number') return false;
  return signature === sign(secretKey, textOf(orderReference), 'accept', time);
}

function readJson(text: string): Report {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return {};
  }
}
