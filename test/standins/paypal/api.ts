import { verify } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { sends, takesEffect, type ApiFault, type ApiFaults } from '../faults.ts';
import type { Call, Handler, Reply } from '../http.ts';
import { shown, type Account } from './account.ts';
import { capture, checkRefund, createOrder, giveBack } from './acts.ts';
import { ApiError, refusal } from './errors.ts';
import { listEvents, searchTransactions, type SearchState } from './listing.ts';
import type { Money, Order, Payee } from './objects.ts';
import type { Signatory } from './signing.ts';
import type { Webhooks } from './webhooks.ts';

/** A request as it came in, without its token. */
export interface ApiRequest {
  method: string;
  path: string;
  requestId: string | null;
  /** The status answered; 0 when the caller got no whole answer. */
  status: number;
}

/** What the API works on. */
export interface Desk {
  account: Account;
  clientId: string;
  clientSecret: string;
  webhookId: string;
  signatory: Signatory;
  webhooks: Webhooks;
  faults: ApiFaults;
  /** Whether a whole answer is given in a few words all the same. */
  isTerse: boolean;
  /** Tokens given out and not revoked. */
  tokens: Set<string>;
  tokenCount: number;
  /** What was answered to a request id: the order it is about, or the refusal. */
  answered: Map<string, { orderId: string } | { refundId: string } | { refused: Reply }>;
  requests: ApiRequest[];
  search: SearchState;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Serves PayPal's API: credentials and tokens are checked, faults and request ids honoured. */
export function apiHandler(desk: Desk): Handler {
  return (call) => {
    const reply = answered(desk, call);
    const isAnswered = reply.sends === undefined || reply.sends === 'whole';
    desk.requests.push({
      method: call.method,
      path: call.path,
      requestId: requestIdOf(call) ?? null,
      status: isAnswered ? reply.status : 0,
    });
    return { ...reply, delayMs: desk.faults.latencyMs };
  };
}

function answered(desk: Desk, call: Call): Reply {
  const planned = desk.faults.meet(call.method, call.path);
  if (!planned) return performed(desk, call);
  desk.faults.use(planned);
  const { fault } = planned;
  const reply = takesEffect(fault) ? performed(desk, call) : { status: 0 };
  return { ...reply, ...faulty(fault), sends: sends(fault) };
}

function faulty({ status, code }: ApiFault): Partial<Reply> {
  return status === undefined ? {} : refusal(status, code);
}

function performed(desk: Desk, call: Call): Reply {
  if (call.path.startsWith('/v1/notifications/certs/')) return certificate(desk, call);
  if (call.path === '/v1/oauth2/token') return token(desk, call);
  const given = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (given === undefined || !desk.tokens.has(given)) return refusal(401, 'INVALID_TOKEN');
  try {
    return routed(desk, call);
  } catch (error) {
    if (error instanceof ApiError) return refusal(error.status, error.issue);
    throw error;
  }
}

function certificate({ signatory }: Desk, call: Call): Reply {
  if (!signatory.certificateUrl.endsWith(call.path)) return { status: 404, body: 'no such file' };
  const headers = { 'content-type': 'application/x-pem-file', 'cache-control': 'max-age=86400' };
  return { status: 200, headers, body: signatory.pem };
}

function token(desk: Desk, { headers }: Call): Reply {
  const expected = Buffer.from(`${desk.clientId}:${desk.clientSecret}`).toString('base64');
  if (headers.authorization !== `Basic ${expected}`) {
    return { status: 401, body: { error: 'invalid_client', error_description: 'n/a' } };
  }
  desk.tokenCount += 1;
  const accessToken = `token-standin-${desk.tokenCount}`;
  desk.tokens.add(accessToken);
  const body = {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: 32_400,
    scope: 'all',
  };
  return { status: 200, body };
}

function routed(desk: Desk, call: Call): Reply {
  const { account } = desk;
  const [, , resource, id = '', action] = call.path.split('/').slice(1);
  const route = `${call.method} ${resource ?? ''}${action === undefined ? '' : ` ${action}`}`;
  if (call.path === '/v1/notifications/verify-webhook-signature') return verified(desk, call);
  const ofWebhooks = desk.webhooks.answer(call);
  if (ofWebhooks !== undefined) return ofWebhooks;
  switch (route) {
    case 'POST orders':
      return repeatable(desk, call, () => ordered(account, call));
    case 'POST orders capture':
      return repeatable(desk, call, () => capture(account, id));
    case 'GET orders':
      return { status: 200, body: shown(account, account.order(id)) };
    case 'GET captures':
      return { status: 200, body: shown(account, account.capture(id)) };
    case 'POST captures refund':
      return refunded(desk, call, id);
    case 'GET webhooks-events':
      return listEvents(account, call, desk.now());
    case 'GET transactions':
      return searchTransactions(account, call, desk.search, desk.now());
    case 'GET refunds':
      return { status: 200, body: shown(account, account.refund(id)) };
    default:
      return refusal(404);
  }
}

function ordered(account: Account, { body }: Call): Order {
  const { intent, purchase_units: units } = JSON.parse(body) as {
    intent: string;
    purchase_units: { amount: Money; custom_id?: string; payee?: Payee }[];
  };
  const [unit] = units;
  if (unit === undefined || units.length > 1) throw new ApiError(400, 'INVALID_ARRAY_MIN_ITEMS');
  if (!/^\d+\.\d\d$/.test(unit.amount.value)) throw new ApiError(400, 'DECIMAL_PRECISION');
  return createOrder(account, { ...unit, intent });
}

/** A repeated request id is answered with what the first request came to, as it is now. */
function repeatable(desk: Desk, call: Call, act: () => Order): Reply {
  const requestId = requestIdOf(call);
  const known = requestId === undefined ? undefined : desk.answered.get(requestId);
  if (known !== undefined) {
    if ('refused' in known) return known.refused;
    if ('refundId' in known) return refusal(422, 'DUPLICATE_REQUEST_ID');
    return { status: 200, body: represented(desk, call, desk.account.order(known.orderId)) };
  }
  try {
    const order = act();
    if (requestId !== undefined) desk.answered.set(requestId, { orderId: order.id });
    return { status: 201, body: represented(desk, call, order) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const refused = refusal(error.status, error.issue);
    if (requestId !== undefined) desk.answered.set(requestId, { refused });
    return refused;
  }
}

/** Gives a part back, or all that is left; a repeated request id is answered with the same refund. */
function refunded({ account, answered: known }: Desk, call: Call, captureId: string): Reply {
  const requestId = requestIdOf(call);
  const before = requestId === undefined ? undefined : known.get(requestId);
  if (before !== undefined && 'refundId' in before) {
    return { status: 200, body: shown(account, account.refund(before.refundId)) };
  }
  const { amount } = JSON.parse(call.body === '' ? '{}' : call.body) as { amount?: Money };
  const cents = amount === undefined ? undefined : Math.round(Number(amount.value) * 100);
  checkRefund(account, captureId, cents);
  const refund = giveBack(account, captureId, cents);
  if (requestId !== undefined) known.set(requestId, { refundId: refund.id });
  return { status: 201, body: shown(account, refund) };
}

/** The whole order only for those who ask for it. */
function represented({ account, isTerse }: Desk, { headers }: Call, order: Order): object {
  if (headers['prefer'] === 'return=representation' && !isTerse) return shown(account, order);
  const { id, status, links } = order;
  return { id, status, links };
}

/** Takes the event's own bytes out of the request: a re-written event would not be the signed one. */
function verified({ signatory, webhookId }: Desk, { body }: Call): Reply {
  const fields = JSON.parse(body) as Record<string, string>;
  const event = body.slice(body.indexOf('"webhook_event":') + '"webhook_event":'.length, -1);
  const { transmission_id: id, transmission_time: time, webhook_id: asked } = fields;
  const text = `${id}|${time}|${webhookId}|${crc32(event)}`;
  const signature = Buffer.from(fields['transmission_sig'] ?? '', 'base64');
  const isRight =
    asked === webhookId &&
    verify('RSA-SHA256', Buffer.from(text), signatory.leaf.certificate.publicKey, signature);
  return { status: 200, body: { verification_status: isRight ? 'SUCCESS' : 'FAILURE' } };
}

function requestIdOf({ headers }: Call): string | undefined {
  const header = headers['paypal-request-id'];
  return typeof header === 'string' ? header : undefined;
}
