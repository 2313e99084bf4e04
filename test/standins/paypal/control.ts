import type { Deliveries, Delivery, Endpoint, ReleaseOptions } from '../deliveries.ts';
import type { ApiFault } from '../faults.ts';
import { shown } from './account.ts';
import * as acts from './acts.ts';
import type { ApiRequest, Desk } from './api.ts';
import { newSearch, type SearchOptions } from './listing.ts';
import type { Capture, Money, Order, Payee, PayPalEvent, PayPalObject, Refund } from './objects.ts';
import { signedHeaders } from './signing.ts';
import type { Webhook } from './webhooks.ts';

/** A payment that did not start in this project, or not by its code. */
export interface ForeignPayment {
  /** 15.00 US dollars unless told otherwise. */
  amount?: Money;
  customId?: string;
  /** This account unless told otherwise. */
  payee?: Payee;
  /** `COMPLETED` unless told otherwise. */
  status?: string;
}

/** What the buyer, PayPal and the operator do: each act changes objects and causes events. */
export interface PayPalActs {
  /**
   * The buyer approves an order.
   * @param outcome how its capture will end: `COMPLETED` unless told otherwise, `PENDING`,
   *   `DECLINED`, or the issue of a refusal such as `INSTRUMENT_DECLINED`.
   */
  approve(orderId: string, outcome?: string): Order;
  /** Captures an approved order, as a call whose answer nobody has heard. */
  capture(orderId: string): Order;
  /** Captures an order that was captured before, which PayPal says it never does. */
  captureAgain(orderId: string): Capture;
  /** A held capture is paid out. */
  release(captureId: string): Capture;
  /** A held capture is refused. */
  deny(captureId: string): Capture;
  /** Cents; all that is left unless told otherwise. */
  refund(captureId: string, cents?: number, options?: { status?: string }): Refund;
  failRefund(refundId: string): Refund;
  /** PayPal takes money back, told as a refund. Cents; all that is left unless told otherwise. */
  reverse(captureId: string, cents?: number): Refund;
  /** PayPal takes all that is left back, told as the capture. */
  reverseCapture(captureId: string): Capture;
  /** Money of a reversal comes back, which only the list of transactions tells. Cents. */
  returnReversal(captureId: string, cents: number): void;
  dispute(captureId: string): object;
  /** An order that was paid, with its capture. */
  createForeignPayment(payment?: ForeignPayment): Capture;
}

/** How events reach the webhook. */
export interface PayPalEvents {
  /** While on, events are collected instead of sent; what was collected waits for `sendHeld`. */
  hold(on: boolean): void;
  sendHeld(options?: ReleaseOptions): Promise<Delivery[]>;
  /** Drops held events: they are never delivered. */
  discard(): void;
  redeliver(eventId: string, options?: Omit<ReleaseOptions, 'order'>): Promise<Delivery[]>;
  deliveries(): Delivery[];
  /** Resolves when no delivery is in flight. */
  idle(): Promise<void>;
  /** Every event made, sent or not, oldest first. */
  events(): PayPalEvent[];
  configureEndpoint(endpoint: Partial<Endpoint>): void;
  /** A body and the headers that go with it, for requests a test sends itself. */
  signed(payload: unknown, webhookId?: string): { body: string; headers: Record<string, string> };
}

/** What a test can arrange and see. */
export interface PayPalControl extends PayPalActs, PayPalEvents {
  /** Any object, by its id, as the API shows it. */
  object(id: string): object;
  /** Overwrites fields of an object in silence, for states that no act leads to. */
  edit(id: string, patch: Record<string, unknown>): void;
  /** The object is gone, as an order is that nobody approved in time. */
  remove(id: string): void;
  captures(orderId: string): Capture[];
  /** Every token given out is worth nothing from now on. */
  revokeTokens(): void;
  fault(...faults: ApiFault[]): void;
  /** While on, answers leave the captures out even for those who ask for them. */
  terse(on: boolean): void;
  /** Sets how transactions are listed. Until it is permitted here, the app may not list them. */
  search(options: SearchOptions): void;
  /** What the app has registered. */
  webhooks(): Webhook[];
  requests(): ApiRequest[];
  /** Forgets everything but the ids given out. */
  reset(): void;
}

export type PayPalDeliveries = Deliveries<PayPalEvent, Endpoint>;

/** The control of one stand-in. */
export function controlOf(desk: Desk, deliveries: PayPalDeliveries): PayPalControl {
  const { account } = desk;
  return {
    ...actsOn(desk),
    ...eventsOf(desk, deliveries),
    object: (id) => structuredClone(shown(account, existing(desk, id))),
    edit: (id, patch) => {
      Object.assign(existing(desk, id), structuredClone(patch));
    },
    remove: (id) => {
      account.remove(id);
    },
    captures: (orderId) => structuredClone(account.capturesOf(orderId)),
    revokeTokens: () => {
      desk.tokens.clear();
    },
    fault: (...faults) => {
      desk.faults.plan(faults);
    },
    terse: (on) => {
      desk.isTerse = on;
    },
    search: (options) => {
      desk.search = { ...desk.search, ...options };
    },
    webhooks: () => structuredClone([...desk.webhooks.all()]),
    requests: () => structuredClone(desk.requests),
    reset: () => {
      account.clear();
      desk.webhooks.clear();
      desk.faults.clear();
      desk.isTerse = false;
      desk.search = newSearch;
      desk.tokens.clear();
      desk.answered.clear();
      desk.requests.length = 0;
      deliveries.clear();
    },
  };
}

function actsOn({ account }: Desk): PayPalActs {
  const copy = structuredClone;
  return {
    approve: (id, outcome = 'COMPLETED') => copy(acts.approve(account, id, outcome)),
    capture: (id) => copy(acts.capture(account, id)),
    captureAgain: (id) => copy(acts.newCapture(account, account.order(id), 'COMPLETED')),
    release: (id) => copy(acts.settle(account, id, 'COMPLETED')),
    deny: (id) => copy(acts.settle(account, id, 'DECLINED')),
    refund: (id, cents, options) => copy(acts.giveBack(account, id, cents, options)),
    failRefund: (id) => copy(acts.failRefund(account, id)),
    reverse: (id, cents) => copy(acts.giveBack(account, id, cents, { type: acts.REVERSED })),
    reverseCapture: (id) => copy(acts.reverseCapture(account, id)),
    returnReversal: (id, cents) => {
      acts.returnReversal(account, id, cents);
    },
    dispute: (id) => acts.dispute(account, id),
    createForeignPayment: ({ amount, customId, payee, status = 'COMPLETED' } = {}) => {
      const order = acts.createOrder(account, {
        amount: amount ?? { currency_code: 'USD', value: '15.00' },
        ...(customId !== undefined && { custom_id: customId }),
        ...(payee !== undefined && { payee }),
      });
      order.status = 'COMPLETED';
      return copy(acts.newCapture(account, order, status));
    },
  };
}

function eventsOf(desk: Desk, deliveries: PayPalDeliveries): PayPalEvents {
  const { account } = desk;
  return {
    hold: (on) => {
      deliveries.isHolding = on;
    },
    sendHeld: (options = {}) => deliveries.release(options),
    discard: () => {
      deliveries.discard();
    },
    redeliver: (eventId, options = {}) => {
      const event = account.events().find(({ id }) => id === eventId);
      if (!event) throw new Error(`there is no ${eventId}`);
      return deliveries.send([event], options);
    },
    deliveries: () => structuredClone([...deliveries.done()]),
    idle: () => deliveries.idle(),
    events: () => structuredClone([...account.events()]),
    configureEndpoint: (endpoint) => {
      deliveries.endpoint = { ...deliveries.endpoint, ...endpoint };
    },
    signed: (payload, webhookId = desk.webhookId) => {
      const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
      return { body, headers: signedHeaders(body, webhookId, desk.signatory) };
    },
  };
}

function existing({ account }: Desk, id: string): PayPalObject {
  const object = account.find(id);
  if (!object) throw new Error(`there is no ${id}`);
  return object;
}
