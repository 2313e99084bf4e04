import type { Call, Handler, Reply } from '../http.ts';
import type { CryptomusDeliveries } from './deliveries.ts';
import type { ApiFaults } from './faults.ts';
import { pageOf } from './pages.ts';
import { payloadOf, type Account, type Invoices, type NewInvoice } from './invoices.ts';
import { signatureOf, signedBody, type Spelling } from './signature.ts';

/** A request as it came in, without its signature. */
export interface ApiRequest {
  readonly path: string;
  readonly parameters: Record<string, unknown>;
  /** The page of a list that was asked for. */
  readonly cursor?: string;
}

/** What the API works on. */
export interface Desk {
  readonly merchantId: string;
  readonly paymentKey: string;
  readonly invoices: Invoices;
  readonly deliveries: CryptomusDeliveries;
  readonly faults: ApiFaults;
  readonly requests: ApiRequest[];
  /** How notifications are spelled from now on. */
  spelling: Spelling;
}

type Parameters = Record<string, unknown>;

/** Resends of one invoice, at most. */
const MOST_RESENDS = 10;
const RESENDABLE = new Set(['paid', 'paid_over', 'wrong_amount']);

/** Serves `/v1/…` and `/v2/…`: signatures are checked, faults are honoured. */
export function apiHandler(desk: Desk): Handler {
  return (call) => {
    const parameters = call.body === '' ? {} : (JSON.parse(call.body) as Parameters);
    const cursor = call.query.get('cursor') ?? undefined;
    desk.requests.push({ path: call.path, parameters, ...(cursor !== undefined && { cursor }) });
    if (!isSigned(desk, call)) return { status: 401, body: { state: 1, message: 'Unauthorized' } };
    if (call.method !== 'POST') return notFound;
    return desk.faults.around(call.path, () => perform(desk, call.path, parameters, cursor));
  };
}

const notFound: Reply = { status: 404, body: { state: 1, message: 'Not Found' } };

function isSigned({ merchantId, paymentKey }: Desk, { headers, body }: Call): boolean {
  return headers['merchant'] === merchantId && headers['sign'] === signatureOf(body, paymentKey);
}

/** Carries out a request that is known to be the merchant's. */
export function perform(desk: Desk, path: string, parameters: Parameters, cursor?: string): Reply {
  return routes.get(path)?.(desk, parameters, cursor) ?? notFound;
}

type Route = (desk: Desk, parameters: Parameters, cursor?: string) => Reply;

const routes = new Map<string, Route>([
  ['/v1/payment', make],
  ['/v1/payment/info', withInvoice(({ invoice }) => success(invoice))],
  ['/v1/payment/list', list],
  ['/v1/payment/refund', withInvoice(refund)],
  ['/v1/payment/resend', withInvoice(resend)],
  ['/v2/payment/resend', withInvoice(resend)],
  ['/v1/test-webhook/payment', sendTest],
]);

/** Reports an invoice to the address it was made with. */
export function notify(desk: Desk, account: Account, status: string, changes: object = {}): void {
  const { callbackUrl: url, invoice } = account;
  if (url === null) return;
  const payload = { ...payloadOf(account, status), ...changes };
  const body = signedBody(payload, desk.paymentKey, desk.spelling);
  desk.deliveries.accept({ id: invoice.uuid, status, url, body });
}

function make(desk: Desk, parameters: Parameters): Reply {
  const rules: [string, boolean][] = [
    ['amount', /^\d+(\.\d+)?$/.test(text(parameters['amount']) ?? '')],
    ['currency', /^[A-Z]{3,5}$/.test(text(parameters['currency']) ?? '')],
    ['order_id', /^[\w-]{1,128}$/.test(text(parameters['order_id']) ?? '')],
    ...['url_callback', 'url_return', 'url_success'].map((name): [string, boolean] => [
      name,
      parameters[name] === undefined || isUrl(parameters[name]),
    ]),
    ['lifetime', isWithin(parameters['lifetime'] ?? 3600, 300, 43_200)],
  ];
  const broken = rules.filter(([, holds]) => !holds).map(([name]) => name);
  if (broken.length > 0) return invalid(broken);
  return success(desk.invoices.make(parameters as unknown as NewInvoice).invoice);
}

/** The invoices that were made in a span of time, or all of them; the newest first. */
function list({ invoices }: Desk, parameters: Parameters, cursor?: string): Reply {
  const times = ['date_from', 'date_to'] as const;
  const broken = times.filter((name) => !isTimeOrAbsent(parameters[name]));
  if (broken.length > 0) return invalid(broken);
  const [from, to] = times.map((name) => text(parameters[name]));
  const page = pageOf(invoices.listed(from, to), cursor);
  return page === undefined ? invalid(['cursor']) : success(page);
}

function isTimeOrAbsent(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    /^\d{4}-\d\d-\d\d \d{1,2}:\d\d:\d\d$/.test(text(value) ?? '')
  );
}

function refund(account: Account, parameters: Parameters, desk: Desk): Reply {
  if (typeof parameters['is_subtract'] !== 'boolean') return invalid(['is_subtract']);
  if (text(parameters['address']) === undefined) return invalid(['address']);
  const { uuid } = account.invoice;
  if (!desk.invoices.isRefundable(uuid)) return failure('Payment cannot be refunded');
  for (const status of desk.invoices.refund(uuid)) notify(desk, account, status);
  return success([]);
}

function resend(account: Account, _parameters: Parameters, desk: Desk): Reply {
  const { callbackUrl, invoice } = account;
  if (callbackUrl === null || !RESENDABLE.has(invoice.status)) {
    return failure('Notification not found');
  }
  if (account.resends >= MOST_RESENDS) return failure('Too much resend');
  account.resends += 1;
  notify(desk, account, invoice.status);
  return success([]);
}

/** A signed notification about nothing, under the ids of whatever invoice the caller names. */
function sendTest(desk: Desk, parameters: Parameters): Reply {
  const url = text(parameters['url_callback']);
  const status = text(parameters['status']);
  if (url === undefined || !isUrl(url)) return invalid(['url_callback']);
  if (status === undefined) return invalid(['status']);
  const uuid = text(parameters['uuid']) ?? '00000000-0000-4000-8000-000000000000';
  const order_id = text(parameters['order_id']) ?? 'test';
  const known = desk.invoices.find({ uuid });
  const amount = known ? `${known.invoice.amount}000000` : '20.00000000';
  const payload = {
    type: 'payment',
    uuid,
    order_id,
    amount,
    payment_amount: amount,
    payment_amount_usd: known?.invoice.amount ?? '20.00',
    merchant_amount: amount,
    commission: '0.00000000',
    is_final: true,
    status,
    from: 'TStandinTest',
    wallet_address_uuid: null,
    network: parameters['network'],
    currency: known?.invoice.currency ?? 'USD',
    payer_currency: parameters['currency'],
    additional_data: null,
    txid: 'standintest',
  };
  const body = signedBody(payload, desk.paymentKey, desk.spelling);
  desk.deliveries.accept({ id: uuid, status, url, body });
  return success([]);
}

function withInvoice(perform: (account: Account, parameters: Parameters, desk: Desk) => Reply) {
  return (desk: Desk, parameters: Parameters): Reply => {
    const uuid = text(parameters['uuid']);
    const orderId = text(parameters['order_id']);
    const account = desk.invoices.find({ uuid, orderId });
    return account ? perform(account, parameters, desk) : failure('Not found');
  };
}

function success(result: unknown): Reply {
  return { status: 200, body: { state: 0, result: structuredClone(result) } };
}

function failure(message: string): Reply {
  return { status: 422, body: { state: 1, message } };
}

function invalid(fields: readonly string[]): Reply {
  const errors = Object.fromEntries(fields.map((field) => [field, ['validation.invalid']]));
  return { status: 422, body: { state: 1, errors } };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && isWithin(value.length, 6, 255) && URL.canParse(value);
}

function isWithin(value: unknown, minimum: number, maximum: number): boolean {
  return typeof value === 'number' && value >= minimum && value <= maximum;
}
