import { ApiError } from './errors.ts';
import type {
  Capture,
  Link,
  Money,
  Order,
  PayPalEvent,
  PayPalObject,
  Refund,
  Transaction,
} from './objects.ts';

const API = 'https://api.sandbox.paypal.com';
const PATHS = {
  order: 'checkout/orders',
  capture: 'payments/captures',
  refund: 'payments/refunds',
} as const;

/** What an account needs from outside. */
export interface AccountOptions {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Hears of every event after the change it reports. */
  onEvent: (event: PayPalEvent) => void;
  /** Where the buyer approves an order, by its id. */
  approvalUrl: (orderId: string) => string;
  /** Ids count from here: those who share one Firestore must not share ids. */
  firstId: number;
  /** The account that is paid where an order names no other. */
  merchantId: string;
}

/** The objects of one PayPal app, and the events their changes cause. */
export class Account {
  readonly #options: AccountOptions;
  readonly #objects = new Map<string, PayPalObject>();
  readonly #counts = new Map<string, number>();
  #events: PayPalEvent[] = [];
  #transactions: Transaction[] = [];

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  get merchantId(): string {
    return this.#options.merchantId;
  }

  /** RFC 3339, to the second. */
  time(): string {
    return new Date(this.#options.now()).toISOString().replace(/\.\d+/, '');
  }

  /** Seventeen characters that say what they are, counted. */
  newId(kind: string): string {
    const count = (this.#counts.get(kind) ?? this.#options.firstId - 1) + 1;
    this.#counts.set(kind, count);
    return `${kind.toUpperCase()}${String(count).padStart(17 - kind.length, '0')}`;
  }

  add<T extends PayPalObject>(object: T): T {
    this.#objects.set(object.id, object);
    return object;
  }

  remove(id: string): void {
    this.#objects.delete(id);
  }

  find(id: string): PayPalObject | undefined {
    return this.#objects.get(id);
  }

  approvalUrl(orderId: string): string {
    return this.#options.approvalUrl(orderId);
  }

  order(id: string): Order {
    const object = this.find(id);
    if (object?.kind !== 'order') throw new ApiError(404, 'INVALID_RESOURCE_ID');
    return object;
  }

  capture(id: string): Capture {
    const object = this.find(id);
    if (object?.kind !== 'capture') throw new ApiError(404, 'INVALID_RESOURCE_ID');
    return object;
  }

  refund(id: string): Refund {
    const object = this.find(id);
    if (object?.kind !== 'refund') throw new ApiError(404, 'INVALID_RESOURCE_ID');
    return object;
  }

  capturesOf(orderId: string): Capture[] {
    return [...this.#objects.values()].filter(
      (object): object is Capture =>
        object.kind === 'capture' &&
        object.links.some(({ rel, href }) => rel === 'up' && href.endsWith(`/${orderId}`)),
    );
  }

  refundsOf(captureId: string): Refund[] {
    const up = href('capture', captureId);
    return [...this.#objects.values()].filter(
      (object): object is Refund =>
        object.kind === 'refund' && object.links.some(({ href: link }) => link === up),
    );
  }

  /** Makes an event of a resource as it stands and reports it. */
  record(type: string, resourceType: string, resource: object): PayPalEvent {
    const event: PayPalEvent = {
      id: `WH-STANDIN-${this.newId('event')}`,
      event_version: '1.0',
      create_time: new Date(this.#options.now()).toISOString(),
      resource_type: resourceType,
      resource_version: '2.0',
      event_type: type,
      summary: 'standin',
      resource: structuredClone(resource),
      links: [],
    };
    this.#events.push(event);
    this.#options.onEvent(event);
    return event;
  }

  /** Enters a movement of money in the statement of the account. */
  book(transaction: Omit<Transaction, 'atMs'>): void {
    this.#transactions.push({ ...transaction, atMs: this.#options.now() });
  }

  /** Oldest first. */
  transactions(): readonly Transaction[] {
    return this.#transactions;
  }

  events(): readonly PayPalEvent[] {
    return this.#events;
  }

  clear(): void {
    this.#objects.clear();
    this.#events = [];
    this.#transactions = [];
  }
}

function href(kind: keyof typeof PATHS, id: string): string {
  return `${API}/v2/${PATHS[kind]}/${id}`;
}

export function link(rel: string, kind: keyof typeof PATHS, id: string, path = ''): Link {
  return { href: href(kind, id) + path, rel, method: path === '' ? 'GET' : 'POST' };
}

export function usd(cents: number): Money {
  return { currency_code: 'USD', value: (cents / 100).toFixed(2) };
}

export function centsIn({ value }: Money): number {
  return Math.round(Number(value) * 100);
}

/** An object as the API shows it. */
export function shown(account: Account, object: PayPalObject): object {
  const fields = without(object, ['kind', 'outcome']);
  if (object.kind !== 'order') return fields;
  const { amount, payee, custom_id: customId } = object;
  const captures = account.capturesOf(object.id);
  const refunds = captures.flatMap(({ id }) => account.refundsOf(id));
  const payments = {
    captures: captures.map((one) => shown(account, one)),
    ...(refunds.length > 0 && { refunds: refunds.map((one) => shown(account, one)) }),
  };
  const unit = {
    reference_id: 'default',
    amount,
    payee,
    ...(customId !== undefined && { custom_id: customId }),
    ...(captures.length > 0 && { payments }),
  };
  return { ...without(fields, ['amount', 'payee', 'custom_id']), purchase_units: [unit] };
}

function without(object: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}
