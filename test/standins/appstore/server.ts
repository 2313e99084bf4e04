import { withControl } from '../control.ts';
import { listen } from '../http.ts';
import type { Listener } from '../http.ts';
import { apiHandler } from './api.ts';
import type { ApiDesk, ApiFault, ApiKey, ApiRequest } from './api.ts';
import { newAuthority, signJws } from './authority.ts';
import type { Authority } from './authority.ts';
import { Deliveries } from './deliveries.ts';
import type { Delivery, Endpoint, ReleaseOptions, SignedNotification } from './deliveries.ts';
import type { TransactionPayload } from './payloads.ts';
import { Store } from './store.ts';
import type { App, Bought, Purchase } from './store.ts';

/** How the stand-in is started. */
export interface AppStoreOptions {
  port?: number;
  app: App;
  /** Signs everything; its root is what the functions must trust. */
  authority: Authority;
  /** Left out: notifications are made, but sent nowhere until the endpoint is configured. */
  webhookUrl?: string;
  /** Left out: the API takes nobody's token. */
  apiKey?: ApiKey;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** What a test can arrange and see. */
export interface AppStoreControl {
  buy(purchase: Purchase): Bought;
  /** The proof of a purchase as it is now, signed anew; a patch changes what is signed. */
  signedTransaction(transactionId: string, patch?: Partial<TransactionPayload>): string;
  /** In thousandths of a percent, all refunds together; 100,000 unless told otherwise. */
  refund(transactionId: string, percentage?: number): void;
  reverseRefund(transactionId: string): void;
  /** Sends a notification of any type, about a purchase or about none. */
  notify(type: string, transactionId?: string): SignedNotification;
  /** Overwrites what is signed of a purchase, in silence, for a state that no act leads to. */
  edit(transactionId: string, patch: Partial<TransactionPayload>): void;
  /** A payload signed by somebody who is not the App Store. */
  forged(payload: object): string;
  /** While on, notifications are collected instead of sent; what was collected waits. */
  hold(on: boolean): void;
  release(options?: ReleaseOptions): Promise<Delivery[]>;
  /** Drops what is held: it is never delivered. */
  discard(): void;
  redeliver(id: string, options?: Omit<ReleaseOptions, 'order'>): Promise<Delivery[]>;
  /** Everything sent and answered, in the order of the answers. */
  deliveries(): Delivery[];
  /** Every notification made, oldest first. */
  notifications(): SignedNotification[];
  /** Resolves when no delivery is in flight. */
  idle(): Promise<void>;
  configureEndpoint(endpoint: Partial<Endpoint>): void;
  /** Notifications listed at once, at most: as many as Apple's unless told otherwise. */
  setPageSize(size: number): void;
  /** Plans faults of the API, first in first out. */
  fault(...faults: ApiFault[]): void;
  /** Requests to the API. */
  requests(): ApiRequest[];
  /** Forgets everything but the ids given out and the endpoint. */
  reset(): void;
}

export interface AppStoreStandin extends Listener {
  control: AppStoreControl;
}

/** Starts the stand-in for the App Store; its control is served at the same port. */
export async function startAppStore(options: AppStoreOptions): Promise<AppStoreStandin> {
  const now = options.now ?? Date.now;
  const deliveries = new Deliveries({ url: options.webhookUrl ?? null, retryDelaysMs: [] });
  const store = new Store(options.app, options.authority, now, (notification) => {
    deliveries.accept(notification);
  });
  const desk: ApiDesk = {
    key: options.apiKey,
    store,
    hasEndpoint: () => deliveries.endpoint.url !== null,
    history: {
      environment: options.app.environment,
      made: () => deliveries.made(),
      done: () => deliveries.done(),
      now,
      pageSize: 20,
    },
    now,
    faults: [],
    requests: [],
  };
  const control = controlOf(store, deliveries, desk);
  const listener = await listen(withControl(control, apiHandler(desk)), options.port);
  const stop = (): Promise<void> => {
    deliveries.stop();
    return listener.stop();
  };
  return { ...listener, stop, control };
}

function controlOf(store: Store, deliveries: Deliveries, desk: ApiDesk): AppStoreControl {
  const stranger = newAuthority();
  return {
    buy: (purchase) => store.buy(purchase),
    signedTransaction: (id, patch) => store.signedTransaction(id, patch),
    refund: (id, percentage = 100_000) => {
      store.refund(id, percentage);
    },
    reverseRefund: (id) => {
      store.reverseRefund(id);
    },
    notify: (type, id) => store.notify(type, id),
    edit: (id, patch) => {
      store.edit(id, patch);
    },
    forged: (payload) => signJws(payload, stranger),
    hold: (on) => {
      deliveries.isHolding = on;
    },
    release: (how = {}) => deliveries.release(how),
    discard: () => {
      deliveries.discard();
    },
    redeliver: (id, how = {}) =>
      deliveries.send(
        deliveries.made().filter((one) => one.id === id),
        how,
      ),
    deliveries: () => structuredClone([...deliveries.done()]),
    notifications: () => structuredClone([...deliveries.made()]),
    idle: () => deliveries.idle(),
    configureEndpoint: (endpoint) => {
      deliveries.endpoint = { ...deliveries.endpoint, ...endpoint };
    },
    setPageSize: (size) => {
      desk.history.pageSize = size;
    },
    fault: (...faults) => {
      desk.faults.push(...faults);
    },
    requests: () => structuredClone(desk.requests),
    reset: () => {
      store.clear();
      deliveries.clear();
      desk.faults.length = 0;
      desk.requests.length = 0;
    },
  };
}
