import type { Call, Handler, Reply } from '../http.ts';
import type { ApiFaults } from '../faults.ts';
import { sends, takesEffect } from '../faults.ts';
import { claimsOf, type SigningKey } from './keys.ts';
import { orderOf, purchaseOf, voidedOf } from './objects.ts';
import type { Sale, Shop } from './shop.ts';

/** The service account that may ask, with the key it signs with. */
export interface Account {
  readonly email: string;
  readonly privateKey: string;
}

/** A request as it was received, tokens left out. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** What the API answers from. */
export interface Desk {
  readonly packageName: string;
  readonly account: Account;
  readonly shop: Shop;
  readonly now: () => number;
  /** Refunds listed at once, at most. */
  pageSize: number;
  readonly faults: ApiFaults;
  /** The keys whose certificates are published. */
  readonly published: SigningKey[];
  readonly accessTokens: Set<string>;
  readonly requests: ApiRequest[];
}

const SCOPE = 'https://www.googleapis.com/auth/androidpublisher';

/** Google's hosts behind one address: tokens, certificates, the Play Developer API. */
export function apiHandler(desk: Desk): Handler {
  return (call) => {
    const planned = desk.faults.meet(call.method, call.path);
    if (planned) desk.faults.use(planned);
    const fault = planned?.fault;
    const ordinary = fault === undefined || takesEffect(fault) ? answer(desk, call) : ok({});
    const reply =
      fault?.status === undefined ? ordinary : refusal(fault.status, fault.code ?? 'ordered');
    desk.requests.push({ method: call.method, path: call.path, status: reply.status });
    return { ...reply, ...(fault && { sends: sends(fault) }), delayMs: desk.faults.latencyMs };
  };
}

function answer(desk: Desk, call: Call): Reply {
  if (call.path === '/token' && call.method === 'POST') return token(desk, call);
  if (call.path === '/oauth2/v1/certs') {
    const certificates = desk.published.map(({ id, publicKey }) => [id, publicKey] as const);
    const headers = { 'cache-control': 'public, max-age=3600' };
    return { ...ok(Object.fromEntries(certificates)), headers };
  }
  const [, bearer = ''] = /^Bearer (.+)$/.exec(call.headers.authorization ?? '') ?? [];
  if (!desk.accessTokens.has(bearer)) return refusal(401, 'UNAUTHENTICATED');
  const [, packageName, rest = ''] = PATH.exec(call.path) ?? [];
  if (packageName === undefined) return refusal(404, 'there is no such method');
  if (packageName !== desk.packageName) return refusal(400, 'Invalid Value');
  if (call.method === 'GET' && rest === 'purchases/voidedpurchases')
    return voided(desk, call.query);
  const [, refunded] = /^orders\/([^/]+):refund$/.exec(decodeURIComponent(rest)) ?? [];
  if (call.method === 'POST' && refunded !== undefined) return refund(desk, refunded, call.query);
  return play(desk.shop, call.method, decodeURIComponent(rest));
}

const PATH = /^\/androidpublisher\/v3\/applications\/([^/]+)\/(.+)$/;

/** Exchanges a signed assertion for an access token (RFC 7523). */
function token({ account, accessTokens }: Desk, { body }: Call): Reply {
  const form = new URLSearchParams(body);
  const claims = claimsOf(form.get('assertion') ?? '', account.privateKey);
  const isRight =
    form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
    claims?.['iss'] === account.email &&
    claims['aud'] === 'https://oauth2.googleapis.com/token' &&
    claims['scope'] === SCOPE;
  if (!isRight) return { status: 400, body: { error: 'invalid_grant' } };
  const accessToken = `access-standin-${accessTokens.size + 1}`;
  accessTokens.add(accessToken);
  return ok({ access_token: accessToken, expires_in: 3599, token_type: 'Bearer' });
}

function play(shop: Shop, method: string, path: string): Reply {
  const [, v2Token] = /^purchases\/productsv2\/tokens\/([^/]+)$/.exec(path) ?? [];
  if (method === 'GET' && v2Token !== undefined) {
    const sale = find(shop, (one) => one.token === v2Token);
    if (sale === undefined) return refusal(404, 'purchaseTokenNotFound');
    return sale.forgotten ? refusal(410, 'purchaseTokenNoLongerValid') : ok(purchaseOf(sale));
  }
  const [, orderId] = /^orders\/([^/]+)$/.exec(path) ?? [];
  if (method === 'GET' && orderId !== undefined) {
    const sale = find(shop, (one) => one.orderId === orderId);
    return sale === undefined ? refusal(404, 'orderNotFound') : ok(orderOf(sale));
  }
  const [, productId, consumed] =
    /^purchases\/products\/([^/]+)\/tokens\/([^/]+):consume$/.exec(path) ?? [];
  if (method === 'POST' && consumed !== undefined) {
    const sale = find(shop, ({ token: known }) => known === consumed);
    if (sale === undefined) return refusal(404, 'purchaseTokenNotFound');
    if (sale.productId !== productId) return refusal(400, 'Invalid Value');
    return consume(shop, sale);
  }
  return refusal(404, 'there is no such method');
}

/**
 * Gives a whole order back; with `revoke`, the purchase is taken away, announced and listed, too. A
 * repetition changes nothing.
 * https://developers.google.com/android-publisher/api-ref/rest/v3/orders/refund
 */
function refund({ shop, now }: Desk, orderId: string, query: URLSearchParams): Reply {
  const sale = find(shop, (one) => one.orderId === orderId);
  if (sale === undefined) return refusal(404, 'orderNotFound');
  if (sale.orderState === 'REFUNDED') return { status: 204 };
  const isOld = now() - Date.parse(sale.completedAt ?? '') > OLDEST_REFUND_MS;
  if (isOld || sale.state !== 'PURCHASED') return refusal(400, 'invalidOrderState');
  if (query.get('revoke') === 'true') shop.void(sale.token);
  else sale.orderState = 'REFUNDED';
  return { status: 204 };
}

const DAY_MS = 24 * 60 * 60_000;

/** Orders of more than three years ago are not refunded. */
const OLDEST_REFUND_MS = 3 * 365 * DAY_MS;

/** The parameters of the list. Google refuses any other. */
const listed = new Set([
  'includeQuantityBasedPartialRefund',
  'startTime',
  'endTime',
  'maxResults',
  'type',
  'token',
]);

/**
 * Those of a span of the last 30 days, oldest first, page by page; refunds of a part only when asked
 * for. The token of a page brings its span along: Google ignores the one beside it.
 * https://developers.google.com/android-publisher/api-ref/rest/v3/purchases.voidedpurchases/list
 */
function voided({ shop, now, pageSize }: Desk, query: URLSearchParams): Reply {
  const most = Math.min(Number(query.get('maxResults') ?? 1000), pageSize);
  const span = spanOf(query, now());
  const isKnown = [...query.keys()].every((name) => listed.has(name));
  if (!isKnown || span === undefined || !(most > 0)) return refusal(400, 'Invalid Value');
  const { first, start, end } = span;
  const withParts = query.get('includeQuantityBasedPartialRefund') === 'true';
  const all = shop
    .voided()
    .filter(({ at, quantity }) => at >= start && at <= end && (withParts || quantity === null));
  const next = first + most;
  return ok({
    ...(all.length > 0 && { voidedPurchases: all.slice(first, next).map(voidedOf) }),
    ...(next < all.length && { tokenPagination: { nextPageToken: `${next}-${start}-${end}` } }),
  });
}

interface Span {
  readonly first: number;
  readonly start: number;
  readonly end: number;
}

/** Undefined for a start of more than 30 days ago, an end that has not come, and a wrong token. */
function spanOf(query: URLSearchParams, now: number): Span | undefined {
  const token = query.get('token');
  const oldest = now - 30 * DAY_MS;
  const given =
    token ?? `0-${query.get('startTime') ?? oldest}-${query.get('endTime') ?? String(now)}`;
  const [, first, start, end] = /^(\d+)-(\d+)-(\d+)$/.exec(given) ?? [];
  const span = { first: Number(first), start: Number(start), end: Number(end) };
  const isSpan = end !== undefined && (token !== null || (span.start >= oldest && span.end <= now));
  return isSpan ? span : undefined;
}

function consume(shop: Shop, sale: Sale): Reply {
  try {
    shop.consume(sale.token);
    return { status: 204 };
  } catch {
    return refusal(400, 'invalidPurchaseState');
  }
}

function find(shop: Shop, isMeant: (sale: Sale) => boolean): Sale | undefined {
  return shop.sales().find(isMeant);
}

function ok(body: object): Reply {
  return { status: 200, body };
}

function refusal(code: number, reason: string): Reply {
  const domain = /LimitExceeded$|^quotaExceeded$/.test(reason) ? 'usageLimits' : 'androidpublisher';
  const error = { code, message: reason, errors: [{ message: reason, domain, reason }] };
  return { status: code, body: { error } };
}
