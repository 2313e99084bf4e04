import type { ApiFault } from '../faults.ts';
import type { ApiRequest, Desk } from './api.ts';
import { pushToken } from './pusher.ts';
import type { Message, Push, Pusher, ReleaseOptions, Subscription } from './pusher.ts';
import type { NewPurchase, Notification, Sale } from './shop.ts';

/** What a test can arrange and see. Acts of buyers and of Google are followed by notifications. */
export interface GooglePlayControl {
  buy(purchase: NewPurchase): Sale;
  /** The buyer pays a pending purchase. */
  pay(token: string): Sale;
  /** The buyer gives a pending purchase up. */
  cancel(token: string): Sale;
  /** All that is left unless told otherwise. */
  void(token: string, quantity?: number): Sale;
  /** Announces a refund that the API does not show. */
  announceVoid(token: string): void;
  sale(token: string): Sale;
  sales(): Sale[];
  /** Overwrites fields of a purchase in silence, for states that no act leads to. */
  edit(token: string, patch: Partial<Sale>): Sale;

  /** Publishes any notification; the package and the time are the app's and now unless given. */
  notify(notification: Notification): Message;
  /** Publishes any text at all. */
  publish(data: string): Message;
  /** While on, messages are collected instead of pushed. */
  hold(on: boolean): void;
  held(): Message[];
  release(options?: ReleaseOptions): Promise<Push[]>;
  /** Drops what is held: it is never pushed. */
  discard(): void;
  /** Everything pushed and answered, in the order of the answers. */
  pushes(): Push[];
  /** Messages that were refused too often. */
  deadLetters(): Message[];
  /** Resolves when every message is acknowledged or dead. */
  idle(): Promise<void>;
  configureSubscription(subscription: Partial<Subscription>): void;
  /** A push for a test to send itself. */
  pushed(message: Message): { body: string; authorization: string };
  /** A token with claims in place of the real ones. */
  token(claims?: object): string;

  /** Refunds listed at once, at most: as many as Google's unless told otherwise. */
  setPageSize(size: number): void;
  fault(...faults: ApiFault[]): void;
  requests(): ApiRequest[];
  /** Forgets faults, requests and pushes, not purchases. */
  reset(): void;
}

export function controlOf(desk: Desk, pusher: Pusher, notify: Notify): GooglePlayControl {
  const { shop, faults } = desk;
  const copy = structuredClone;
  return {
    buy: (purchase) => copy(shop.buy(purchase)),
    pay: (token) => copy(shop.pay(token)),
    cancel: (token) => copy(shop.cancel(token)),
    void: (token, quantity) => copy(shop.void(token, quantity)),
    announceVoid: (token) => {
      shop.announceVoid(token);
    },
    sale: (token) => copy(shop.sale(token)),
    sales: () => copy(shop.sales()),
    edit: (token, patch) => copy(Object.assign(shop.sale(token), patch)),
    notify,
    publish: (data) => pusher.publish(data),
    hold: (on) => {
      pusher.isHolding = on;
    },
    held: () => [...pusher.held()],
    release: (options = {}) => pusher.release(options),
    discard: () => {
      pusher.discard();
    },
    pushes: () => [...pusher.done()],
    deadLetters: () => [...pusher.dead()],
    idle: () => pusher.idle(),
    configureSubscription: (subscription) => {
      Object.assign(pusher.subscription, subscription);
    },
    pushed: (message) => pusher.pushed(message),
    token: (claims) => pushToken(pusher.subscription, Date.now(), claims),
    setPageSize: (size) => {
      desk.pageSize = size;
    },
    fault: (...planned) => {
      faults.plan(planned);
    },
    requests: () => copy(desk.requests),
    reset: () => {
      faults.clear();
      desk.requests.length = 0;
      pusher.clear();
    },
  };
}

/** Publishes a notification of the app. */
export type Notify = (notification: Notification) => Message;
