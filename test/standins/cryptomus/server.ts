import { randomUUID } from 'node:crypto';
import { withControl } from '../control.ts';
import type { Delivery, ReleaseOptions } from '../deliveries.ts';
import { listen, type Listener } from '../http.ts';
import { apiHandler, notify, perform, type ApiRequest, type Desk } from './api.ts';
import { openDeliveries } from './deliveries.ts';
import { ApiFaults, type ApiFault } from './faults.ts';
import { Invoices, payloadOf, type Invoice, type NewInvoice, type Payment } from './invoices.ts';
import { withPaymentPages } from './payment-page.ts';
import { signedBody, type Spelling } from './signature.ts';

/** How the stand-in is started. */
export interface CryptomusOptions {
  port?: number;
  merchantId: string;
  paymentKey: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** What the buyer, the merchant and Cryptomus do; each act is reported as the real one is. */
export interface CryptomusActs {
  pay(uuid: string, payment?: Payment): Invoice;
  /** The lifetime is over: an invoice is cancelled, or stays underpaid. */
  expire(uuid: string): Invoice;
  /** Held by the checks on where the coins come from. */
  lock(uuid: string): Invoice;
  /** The merchant pays back in the dashboard; it is not over until `endRefund`. */
  refund(uuid: string): Invoice;
  endRefund(uuid: string, status?: 'refund_paid' | 'refund_fail'): Invoice;
  /** What the dashboard offers, by the API's path: sending again, a test notification. */
  ask(path: string, parameters: Record<string, unknown>): void;
}

/** What a test can arrange and see. */
export interface CryptomusControl extends CryptomusActs {
  /** Makes an invoice, with any uuid; an order id that is known returns the old one. */
  make(invoice: NewInvoice): Invoice;
  /** Oldest first. */
  invoices(): Invoice[];
  /** Overwrites fields of an invoice in silence, for states that no act leads to. */
  edit(uuid: string, patch: Partial<Invoice>): Invoice;
  /** Reports an invoice with a status and with fields of the caller's choice. */
  report(uuid: string, status: string, changes?: object): void;
  /** The signed body of such a report, which is not sent. */
  signed(uuid: string, status: string, changes?: object, key?: string): string;
  spell(spelling: Spelling): void;
  /** While on, notifications are kept for `release`. */
  hold(on: boolean): void;
  /** What is kept: the ids are uuids of invoices. */
  held(): { id: string; status: string }[];
  release(options?: ReleaseOptions): Promise<Delivery[]>;
  discard(): void;
  /** The ids of the events are uuids of invoices, their types are the statuses told. */
  deliveries(): Delivery[];
  /** Resolves when no notification is on its way. */
  idle(): Promise<void>;
  fault(...faults: ApiFault[]): void;
  requests(): ApiRequest[];
  /** Forgets everything. */
  reset(): void;
}

/** The running stand-in; `origin` is the base address of its API. */
export interface CryptomusStandin extends Listener {
  control: CryptomusControl;
}

/** Starts the stand-in for Cryptomus; its control is served at the same port. */
export async function startCryptomus(options: CryptomusOptions): Promise<CryptomusStandin> {
  const { merchantId, paymentKey, now = Date.now } = options;
  let origin = '';
  const desk: Desk = {
    merchantId,
    paymentKey,
    invoices: new Invoices(now, randomUUID, () => origin),
    deliveries: openDeliveries(now),
    faults: new ApiFaults(),
    requests: [],
    spelling: 'signed',
  };
  const control = controlOf(desk);
  const handler = withPaymentPages(desk.invoices, (uuid) => control.pay(uuid), apiHandler(desk));
  const listener = await listen(withControl(control, handler), options.port);
  origin = listener.origin;
  const stop = (): Promise<void> => {
    desk.deliveries.stop();
    return listener.stop();
  };
  return { ...listener, stop, control };
}

function controlOf(desk: Desk): CryptomusControl {
  const { invoices, deliveries, faults } = desk;
  return {
    ...actsOn(desk),
    make: (invoice) => structuredClone(invoices.make(invoice).invoice),
    invoices: () => structuredClone(invoices.all().map(({ invoice }) => invoice)),
    edit: (uuid, patch) => structuredClone(Object.assign(invoices.get(uuid).invoice, patch)),
    report: (uuid, status, changes) => {
      notify(desk, invoices.get(uuid), status, changes);
    },
    signed: (uuid, status, changes = {}, key = desk.paymentKey) => {
      const payload = { ...payloadOf(invoices.get(uuid), status), ...changes };
      return signedBody(payload, key, desk.spelling);
    },
    spell: (spelling) => {
      desk.spelling = spelling;
    },
    hold: (on) => {
      deliveries.isHolding = on;
    },
    held: () => deliveries.held().map(({ id, status }) => ({ id, status })),
    release: (how = {}) => deliveries.release(how),
    discard: () => {
      deliveries.discard();
    },
    deliveries: () => structuredClone([...deliveries.done()]),
    idle: () => deliveries.idle(),
    fault: (...ordered) => {
      faults.plan(ordered);
    },
    requests: () => structuredClone(desk.requests),
    reset: () => {
      invoices.clear();
      deliveries.clear();
      faults.clear();
      desk.requests.length = 0;
      desk.spelling = 'signed';
    },
  };
}

function actsOn(desk: Desk): CryptomusActs {
  const { invoices } = desk;
  const act = (uuid: string, statuses: readonly string[]): Invoice => {
    const account = invoices.get(uuid);
    for (const status of statuses) notify(desk, account, status);
    return structuredClone(account.invoice);
  };
  return {
    pay: (uuid, payment = {}) => act(uuid, invoices.pay(uuid, payment)),
    expire: (uuid) => act(uuid, invoices.expire(uuid)),
    lock: (uuid) => act(uuid, invoices.lock(uuid)),
    refund: (uuid) => act(uuid, invoices.refund(uuid)),
    endRefund: (uuid, status = 'refund_paid') => act(uuid, invoices.endRefund(uuid, status)),
    ask: (path, parameters) => {
      const { status, body } = perform(desk, path, parameters);
      if (status !== 200) throw new Error(`refused: ${JSON.stringify(body)}`);
    },
  };
}
