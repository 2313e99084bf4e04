import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Call, Handler, Reply } from '../http.ts';
import { historyOf, itemOf, type HistoryDesk } from './history.ts';
import type { Store } from './store.ts';

/** Whose tokens the API takes. */
export interface ApiKey {
  readonly publicKey: KeyObject;
  readonly keyId: string;
  readonly issuerId: string;
  readonly bundleId: string;
}

/** A request as it came in, without its token. */
export interface ApiRequest {
  method: string;
  path: string;
  body: unknown;
  /** The status answered; 0 when the caller got no whole answer. */
  status: number;
}

/** What requests meet instead of the ordinary treatment. */
export interface ApiFault {
  /** 500 and its like come without a JSON body. */
  status?: number;
  sends?: 'half' | 'nothing' | 'never';
  /** How many requests meet it; 1 unless told otherwise. */
  times?: number;
}

export interface ApiDesk {
  readonly key: ApiKey | undefined;
  readonly store: Pick<Store, 'has' | 'notify' | 'signedTransaction'>;
  /** Whether App Store Connect has an address for notifications. */
  readonly hasEndpoint: () => boolean;
  readonly history: HistoryDesk;
  readonly now: () => number;
  readonly faults: ApiFault[];
  readonly requests: ApiRequest[];
}

/**
 * Serves the part of the App Store Server API that is in use: consumption information V2, one
 * transaction, the history of notifications, a test notification.
 */
export function apiHandler(desk: ApiDesk): Handler {
  return (call) => {
    const reply = met(desk) ?? answer(desk, call);
    const { method, path } = call;
    const status = reply.sends === undefined ? reply.status : 0;
    desk.requests.push({ method, path, body: parse(call.body), status });
    return reply;
  };
}

function met({ faults }: ApiDesk): Reply | undefined {
  const [fault] = faults;
  if (fault === undefined) return undefined;
  if ((fault.times ?? 1) > 1) fault.times = (fault.times ?? 1) - 1;
  else faults.shift();
  const { status = 202, sends } = fault;
  const body = status === 429 ? refusal(4_290_000, 'Rate limit exceeded.') : 'ordered';
  return { status, body, ...(sends && { sends }) };
}

function answer(desk: ApiDesk, call: Call): Reply {
  if (!isAuthorized(desk, call.headers.authorization)) return { status: 401, body: '' };
  const { method, path } = call;
  if (method === 'POST' && path === '/inApps/v1/notifications/history') return history(desk, call);
  if (path.startsWith(TEST)) return testNotification(desk, method, path.slice(TEST.length + 1));
  const [, consumed] = /^\/inApps\/v2\/transactions\/consumption\/([^/]+)$/.exec(path) ?? [];
  const [, read] = /^\/inApps\/v1\/transactions\/([^/]+)$/.exec(path) ?? [];
  const id = method === 'PUT' ? consumed : method === 'GET' ? read : undefined;
  if (id === undefined) return { status: 404, body: '' };
  if (!/^\d+$/.test(id)) {
    return { status: 400, body: refusal(4_000_006, 'Invalid transaction id.') };
  }
  if (!desk.store.has(id)) {
    return { status: 404, body: refusal(4_040_010, 'Transaction id not found.') };
  }
  return method === 'PUT' ? consumption(call) : transaction(desk, id);
}

const TEST = '/inApps/v1/notifications/test';

/**
 * Sends one, or tells what became of it; not found until it was sent. The token is the notification's id here.
 * https://developer.apple.com/documentation/appstoreserverapi/request-a-test-notification
 */
function testNotification(desk: ApiDesk, method: string, token: string): Reply {
  if (method === 'POST' && token === '') {
    if (!desk.hasEndpoint()) {
      return {
        status: 404,
        body: refusal(4_040_007, 'No App Store Server Notification URL found.'),
      };
    }
    return { status: 200, body: { testNotificationToken: desk.store.notify('TEST').id } };
  }
  const made = desk.history.made().find(({ id }) => id === token);
  if (method !== 'GET' || made === undefined) {
    return {
      status: 400,
      body: refusal(4_000_020, 'Invalid request. Invalid test notification token.'),
    };
  }
  if (!desk.history.done().some(({ id }) => id === token)) {
    return { status: 404, body: refusal(4_040_008, 'Test notification was not found.') };
  }
  return { status: 200, body: itemOf(desk.history, made) };
}

function consumption(call: Call): Reply {
  const consent = (parse(call.body) as { customerConsented?: unknown }).customerConsented;
  if (consent !== true) return { status: 400, body: refusal(4_000_000, 'No consent.') };
  return { status: 202 };
}

/** https://developer.apple.com/documentation/appstoreserverapi/get-transaction-info */
function transaction({ store }: ApiDesk, id: string): Reply {
  return { status: 200, body: { signedTransactionInfo: store.signedTransaction(id) } };
}

function history(desk: ApiDesk, { body, query }: Call): Reply {
  const paginationToken = query.get('paginationToken');
  const answered = historyOf(desk.history, { body: parse(body), paginationToken });
  return 'page' in answered
    ? { status: 200, body: answered.page }
    : { status: 400, body: refusal(...answered.refusal) };
}

function refusal(errorCode: number, errorMessage: string): object {
  return { errorCode, errorMessage };
}

/** https://developer.apple.com/documentation/appstoreserverapi/generating-json-web-tokens-for-api-requests */
function isAuthorized({ key, now }: ApiDesk, authorization: string | undefined): boolean {
  const [header = '', payload = '', signature = ''] =
    /^Bearer (.+)$/.exec(authorization ?? '')?.[1]?.split('.') ?? [];
  if (key === undefined || signature === '') return false;
  const signed = Buffer.from(`${header}.${payload}`);
  const publicKey = { key: key.publicKey, dsaEncoding: 'ieee-p1363' } as const;
  if (!verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))) return false;
  const { alg, kid } = decoded(header);
  const { iss, aud, bid, exp } = decoded(payload);
  return (
    alg === 'ES256' &&
    kid === key.keyId &&
    iss === key.issuerId &&
    aud === 'appstoreconnect-v1' &&
    bid === key.bundleId &&
    Number(exp) * 1000 > now()
  );
}

function decoded(part: string): Record<string, unknown> {
  return parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
