import type { Call, Handler, Reply } from '../http.ts';
import type { Payments } from './payments.ts';

/** The user of the API, as its owner has set it up. */
export interface ApiUser {
  account: string;
  apiId: string;
  apiPass: string;
}

const PATH = '/ajax/api/api.php';

const AUTH_ERROR = 'Auth error: account or apiId or apiPass is incorrect or api-user was blocked';

/** The most records of a page. */
const PAGE_SIZE = 1000;

/** Payeer does not say how many wrong passwords block a user. */
const WRONG_PASSWORDS = 3;

/** The API: `paymentDetails` and `history`. */
export class Api {
  readonly #user: ApiUser | undefined;
  readonly #merchantId: string;
  readonly #payments: Payments;
  #pageSize = PAGE_SIZE;
  #wrongPasswords = 0;
  #requests: Record<string, string>[] = [];

  constructor(user: ApiUser | undefined, merchantId: string, payments: Payments) {
    this.#user = user;
    this.#merchantId = merchantId;
    this.#payments = payments;
  }

  setPageSize(size: number): void {
    this.#pageSize = size;
  }

  requests(): Record<string, string>[] {
    return structuredClone(this.#requests);
  }

  reset(): void {
    this.#pageSize = PAGE_SIZE;
    this.#wrongPasswords = 0;
    this.#requests = [];
  }

  /** `next`, with each call of the API noted, whatever comes of it. */
  noted(next: Handler): Handler {
    return (call) => {
      if (call.path === PATH) {
        this.#requests.push(withoutUser(new URLSearchParams(call.body)));
      }
      return next(call);
    };
  }

  /** Undefined for a request that is not of the API. */
  answer(call: Call): Reply | undefined {
    if (call.path !== PATH) return undefined;
    if (call.method !== 'POST') return { status: 405 };
    const form = new URLSearchParams(call.body);
    if (!this.#isAuthentic(form)) return reply({ auth_error: '1', errors: [AUTH_ERROR] });
    switch (form.get('action')) {
      case 'paymentDetails':
        return this.#details(form);
      case 'history':
        return this.#history(form);
      default:
        return failed();
    }
  }

  #isAuthentic(form: URLSearchParams): boolean {
    const user = this.#user;
    if (user === undefined || this.#wrongPasswords >= WRONG_PASSWORDS) return false;
    if (form.get('account') !== user.account || form.get('apiId') !== user.apiId) return false;
    const isRight = form.get('apiPass') === user.apiPass;
    if (!isRight) this.#wrongPasswords += 1;
    return isRight;
  }

  #details(form: URLSearchParams): Reply {
    const orderId = form.get('referenceId');
    if (orderId === null || form.get('merchantId') !== this.#merchantId) return failed();
    const items = this.#payments.of(orderId).map(({ details }) => details);
    return reply({ auth_error: '0', errors: [], success: true, items: items.slice(-10) });
  }

  #history(form: URLSearchParams): Reply {
    const count = Number(form.get('count') ?? 10);
    const [from, to] = ['from', 'to'].map((name) => form.get(name));
    const isWritten = [from, to].every((at) => !at || /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(at));
    if (!Number.isSafeInteger(count) || count < 1 || count > PAGE_SIZE || !isWritten)
      return failed();
    if (form.get('type') === 'outgoing') return reply({ ...GOOD, params: {}, history: {} });
    const within = this.#payments.all().filter(({ transaction: { date } }) => {
      return (!from || String(date) >= from) && (!to || String(date) <= to);
    });
    const sorted = form.get('sort') === 'asc' ? within : within.toReversed();
    const begin = sorted.findIndex(({ profitId }) => profitId === form.get('append')) + 1;
    const page = sorted.slice(begin, begin + Math.min(count, this.#pageSize));
    const history = Object.fromEntries(
      page.map(({ profitId, transaction }) => [profitId, transaction]),
    );
    return reply({ ...GOOD, params: withoutUser(form), history });
  }
}

function withoutUser(form: URLSearchParams): Record<string, string> {
  const user = ['account', 'apiId', 'apiPass'];
  return Object.fromEntries([...form].filter(([name]) => !user.includes(name)));
}

const GOOD = { auth_error: '0', errors: [] };

function failed(): Reply {
  return reply({ auth_error: '0', errors: ['invalid format'], success: false });
}

function reply(body: object): Reply {
  return { status: 200, body };
}
