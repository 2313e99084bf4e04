import { sends, takesEffect } from '../faults.ts';
import type { ApiFault, ApiFaults } from '../faults.ts';
import type { Call, Handler, Reply } from '../http.ts';
import type { Account } from './account.ts';
import { ApiError } from './errors.ts';
import { errorReply } from './fault-reply.ts';
import { parseForm } from './form.ts';
import type { Form } from './form.ts';
import type { Idempotency } from './idempotency.ts';
import { API_VERSION } from './objects.ts';
import { execute, executeForBuyer } from './routes.ts';

/** A request as it came in, without its key. */
export interface ApiRequest {
  /** Milliseconds since the epoch. */
  at: number;
  method: string;
  path: string;
  /** The decoded query or body. */
  params: Form;
  idempotencyKey: string | null;
  requestId: string;
  /** The status answered; 0 when the caller got no whole answer. */
  status: number;
  /** Whether the answer was one kept under the idempotency key. */
  isReplayed: boolean;
}

/** What the API works on. */
export interface Desk {
  account: Account;
  apiKey: string;
  publishableKey: string | undefined;
  faults: ApiFaults;
  idempotency: Idempotency;
  /** Milliseconds since the epoch. */
  now: () => number;
  requests: ApiRequest[];
}

interface Incoming {
  call: Call;
  params: Form;
  requestId: string;
  /** Null for requests that only read: the API ignores their key. */
  key: string | null;
  apiKey: string | undefined;
}

/** A page may call from anywhere: what it may do depends on its key. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, PUT, PATCH, POST, DELETE',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, stripe-version',
  'access-control-expose-headers': 'Request-Id, Stripe-Manage-Version, Stripe-Should-Retry',
  'access-control-max-age': '300',
};

/** Serves `/v1/…`: the key is checked, faults and idempotency keys are honoured. */
export function apiHandler(desk: Desk): Handler {
  return (call) => {
    if (call.method === 'OPTIONS') return { status: 200, headers: CORS };
    const key = call.headers['idempotency-key'];
    // Stripe.js sends its key along with the fields, which spares the browser a preflight.
    const { key: keyField, ...params } = parseForm(call.method === 'POST' ? call.body : call.query);
    const bearer = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
    const incoming: Incoming = {
      call,
      params,
      requestId: desk.account.newId('req'),
      key: call.method === 'POST' && typeof key === 'string' ? key : null,
      apiKey: bearer ?? (typeof keyField === 'string' ? keyField : undefined),
    };
    const reply = answered(desk, incoming);
    desk.requests.push(logged(desk, incoming, reply));
    const headers = { 'request-id': incoming.requestId, 'stripe-version': API_VERSION, ...CORS };
    return { ...reply, delayMs: desk.faults.latencyMs, headers: { ...headers, ...reply.headers } };
  };
}

function answered(desk: Desk, incoming: Incoming): Reply {
  const { apiKey } = incoming;
  if (apiKey === undefined || (apiKey !== desk.apiKey && apiKey !== desk.publishableKey)) {
    const message = 'The API key is missing or not valid.';
    return { status: 401, body: { error: { type: 'invalid_request_error', message } } };
  }
  const planned = desk.faults.meet(incoming.call.method, incoming.call.path);
  if (!planned) return performed(desk, incoming);
  if (!takesEffect(planned.fault)) {
    desk.faults.use(planned);
    return withoutEffect(desk, incoming, planned.fault);
  }
  const reply = performed(desk, incoming, planned.fault);
  if (reply.status >= 400 && reply.status !== planned.fault.status) return reply;
  desk.faults.use(planned);
  return { ...reply, sends: sends(planned.fault) };
}

function withoutEffect(desk: Desk, incoming: Incoming, fault: ApiFault): Reply {
  const reply: Reply = { status: 0, ...errorReply(fault), sends: sends(fault) };
  if (fault.stored && incoming.key !== null) {
    desk.idempotency.store(incoming.key, fingerprint(incoming), reply);
  }
  return reply;
}

/** The ordinary reply, or the error that `fault` puts in place of a success. */
function performed(desk: Desk, incoming: Incoming, fault: ApiFault = {}): Reply {
  const { key } = incoming;
  try {
    const kept = key === null ? undefined : desk.idempotency.replay(key, fingerprint(incoming));
    if (kept) return { ...kept, ...errorReply(fault) };
    const body = carriedOut(desk, incoming);
    const reply = errorReply(fault) ?? { status: 200, body };
    if (key !== null) desk.idempotency.store(key, fingerprint(incoming), reply);
    return reply;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const reply = { status: error.status, body: { error: error.body } };
    if (key !== null && error.isExecuted) {
      desk.idempotency.store(key, fingerprint(incoming), reply);
    }
    return reply;
  }
}

function carriedOut(desk: Desk, { call, params, requestId, key, apiKey }: Incoming): object {
  const cause = { id: requestId, idempotency_key: key };
  const perform = apiKey === desk.apiKey ? execute : executeForBuyer;
  return desk.account.during(cause, () => perform(desk.account, call.method, call.path, params));
}

function fingerprint({ call }: Incoming): string {
  const params = new URLSearchParams(call.body);
  params.sort();
  return `${call.method} ${call.path} ${params.toString()}`;
}

function logged(desk: Desk, { call, params, requestId, key }: Incoming, reply: Reply): ApiRequest {
  const isAnswered = reply.sends === undefined || reply.sends === 'whole';
  return {
    at: desk.now(),
    method: call.method,
    path: call.path,
    params,
    idempotencyKey: key,
    requestId,
    status: isAnswered ? reply.status : 0,
    isReplayed: reply.headers?.['idempotent-replayed'] === 'true',
  };
}
