import { withControl } from './control.ts';
import { listen } from './http.ts';
import type { Call, Handler, Listener, Reply } from './http.ts';
import { Book } from './retail-api/book.ts';
import type { AppliedTransaction } from './retail-api/book.ts';
import { refusal } from './retail-api/errors.ts';
import { Faults } from './retail-api/faults.ts';
import type { FaultyCall, NextReply } from './retail-api/faults.ts';
import { readFields, text } from './retail-api/fields.ts';
import type { Fields } from './retail-api/fields.ts';
import { route } from './retail-api/routes.ts';
import type { Desk, RetailSettings } from './retail-api/routes.ts';

export type { AppliedTransaction, NextReply, RetailSettings };

const BASE_PATH = '/api/v1';
const DEFAULTS: RetailSettings = {
  repeats: 'success',
  overdraft: 'allowed',
  callsPerSecond: Infinity,
};

/** A request as it came in; what could not be read from it is null. */
export interface ReceivedRequest {
  /** Milliseconds since the epoch. */
  at: number;
  method: string;
  path: string;
  customerId: string | null;
  transactionId: string | null;
  /** Signed US cents. */
  amountCents: number | null;
  gateway: string | null;
  /** The status answered; 0 when the caller got no answer; null while it is being worked on. */
  status: number | null;
}

/** What a test can arrange and see. */
export interface RetailControl {
  /** Orders what the coming transaction calls meet, one entry a call, first in first out. */
  next(...replies: NextReply[]): void;
  /** The same for the coming calls of another kind. */
  nextOf(call: FaultyCall, ...replies: NextReply[]): void;
  /** While on, every call is answered with 503. */
  down(on: boolean): void;
  /** While on, no call is answered. */
  hang(on: boolean): void;
  /** Refuses every transaction and balance call of a customer or transaction id; without a status: no more. */
  failFor(id: string, status?: number, body?: unknown): void;
  configure(settings: Partial<RetailSettings>): void;
  addCustomer(customerId: string): void;
  requests(): ReceivedRequest[];
  /** The booked transactions in order, of one customer or of all. */
  transactions(customerId?: string): AppliedTransaction[];
  /** Cents; null for an unknown customer. */
  balance(customerId: string): number | null;
  /** Cents by customer. */
  balances(): Record<string, number>;
  /** Forgets customers, transactions, requests, faults and settings. */
  reset(): void;
}

/** The running stand-in. */
export interface RetailApi extends Listener {
  /** What the caller of the API is configured with, ending in `/api/v1`. */
  url: string;
  control: RetailControl;
}

/** How the stand-in is started. */
export interface RetailOptions {
  port?: number;
  apiKey: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** Starts the stand-in for the Retail API; its control is served at the same port. */
export async function startRetailApi(options: RetailOptions): Promise<RetailApi> {
  const desk: Desk = {
    book: new Book(),
    faults: new Faults(),
    settings: DEFAULTS,
    answeredAt: [],
    now: options.now ?? Date.now,
  };
  const requests: ReceivedRequest[] = [];
  const control = controlOf(desk, requests);
  const handler = withControl(control, retailHandler(desk, requests, options.apiKey));
  const listener = await listen(handler, options.port);
  return { ...listener, url: listener.origin + BASE_PATH, control };
}

function retailHandler(desk: Desk, requests: ReceivedRequest[], apiKey: string): Handler {
  return async (call) => {
    const fields = readFields(call);
    const entry = logged(call, fields, desk.now());
    requests.push(entry);
    const reply = await reception(desk, call, fields, apiKey);
    entry.status = reply.sends === undefined ? reply.status : 0;
    return reply;
  };
}

function reception(desk: Desk, call: Call, fields: Fields, apiKey: string): Reply | Promise<Reply> {
  const outage = desk.faults.outage();
  if (outage) return outage;
  if (call.headers['x-api-key'] !== apiKey) return refusal(401, 'bad or missing API key');
  const throttled = throttle(desk);
  if (throttled) return throttled;
  if (!call.path.startsWith(BASE_PATH)) return refusal(404, 'no such route');
  return route(desk, call.path.slice(BASE_PATH.length), call, fields);
}

/** Refuses what comes beyond the limit of the last second. */
function throttle({ settings, answeredAt, now }: Desk): Reply | undefined {
  const at = now();
  while ((answeredAt[0] ?? at) <= at - 1000) answeredAt.shift();
  if (answeredAt.length < settings.callsPerSecond) {
    if (settings.callsPerSecond < Infinity) answeredAt.push(at);
    return undefined;
  }
  const resetS = Math.ceil(((answeredAt[0] ?? at) + 1000) / 1000);
  const refused = refusal(429, 'too many requests', 'TooManyRequestsException');
  return { ...refused, headers: { 'x-ratelimit-reset': String(resetS) } };
}

function logged(call: Call, fields: Fields, at: number): ReceivedRequest {
  return {
    at,
    method: call.method,
    path: call.path,
    customerId: text(fields.customerId),
    transactionId: text(fields.transactionId),
    amountCents: typeof fields.amount === 'number' ? fields.amount : null,
    gateway: text(fields.gateway),
    status: null,
  };
}

function controlOf(desk: Desk, requests: ReceivedRequest[]): RetailControl {
  const { book, faults } = desk;
  return {
    next: (...replies) => {
      faults.plan('transaction', replies);
    },
    nextOf: (call, ...replies) => {
      faults.plan(call, replies);
    },
    down: (on) => {
      faults.isDown = on;
    },
    hang: (on) => {
      faults.isHanging = on;
    },
    failFor: (id, status, body) => {
      faults.failFor(id, status, body);
    },
    configure: (settings) => {
      desk.settings = { ...desk.settings, ...settings };
    },
    addCustomer: (customerId) => {
      book.addCustomer(customerId);
    },
    requests: () => structuredClone(requests),
    transactions: (customerId) => book.transactions(customerId),
    balance: (customerId) => book.balance(customerId),
    balances: () => book.balances(),
    reset: () => {
      book.clear();
      faults.clear();
      requests.length = 0;
      desk.answeredAt.length = 0;
      desk.settings = DEFAULTS;
    },
  };
}
