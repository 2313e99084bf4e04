import type { Firestore } from '../../functions/src/firestore/client/index.ts';
import { Unavailable, Unusable } from '../../functions/src/errors.ts';
import type { AskedPayment, Gateway, GatewayEvent } from '../../functions/src/gateway.ts';
import { DuePayments } from '../../functions/src/ledger/due-payments.ts';
import { Ledger } from '../../functions/src/ledger/ledger.ts';
import { ParkedEvents } from '../../functions/src/ledger/parked-events.ts';
import { movementKinds, type Movement, type Reported } from '../../functions/src/movement.ts';
import { Orders } from '../../functions/src/orders/orders.ts';
import { Reviews } from '../../functions/src/orders/reviews.ts';
import type { Pipeline } from '../../functions/src/pipeline.ts';
import { openSecondLook } from '../../functions/src/reconcile/second-look.ts';
import { RetailApi } from '../../functions/src/retail/retail-api.ts';
import { readSettings } from '../../functions/src/config/settings.ts';
import { send } from '../../functions/src/send.ts';
import { fixedClock, retailConfig } from './retail.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The gateway of these tests. */
export const NAME = 'till';
const PAGE = 2;

/** A gateway that has no webhook: it is asked, and lists what it has. */
export class Till {
  readonly #reported: Reported[] = [];
  /** Every call, in words. */
  calls: string[] = [];
  /** The next calls, of a kind, that are not answered. */
  down = { inquire: 0, list: 0 };
  reachMs = 2 * DAY_MS;
  lagMs = 10 * MINUTE_MS;
  /** Called before each page of a list. */
  onPage: () => void = () => undefined;

  hold(...reported: readonly Reported[]): void {
    this.#reported.push(...reported);
  }

  clear(): void {
    this.#reported.length = 0;
  }

  get gateway(): Pick<Gateway<GatewayEvent>, 'inquire' | 'subjectOf' | 'history'> {
    return {
      inquire: async (asked) => this.#inquire(asked),
      subjectOf: (event) => {
        const { orderId } = (event ?? {}) as { orderId?: unknown };
        return typeof orderId === 'string' ? { orderId, ref: null, paymentId: null } : undefined;
      },
      history: {
        kinds: movementKinds,
        reachMs: this.reachMs,
        lagMs: this.lagMs,
        everyMs: HOUR_MS,
        list: (since, until) => this.#list(since, until),
      },
    };
  }

  #inquire({ orderId, paymentId }: AskedPayment): Reported[] {
    this.calls.push(`inquire ${orderId ?? paymentId ?? ''}`);
    if (this.down.inquire > 0) {
      this.down.inquire -= 1;
      throw new Unavailable('no answer');
    }
    return this.#reported.filter((one) => {
      if (one instanceof Unusable) return one.about === paymentId || one.about === orderId;
      if ('review' in one) return one.orderId === orderId;
      return one.orderId === orderId || paymentId === (one.parentId ?? one.id);
    });
  }

  async *#list(since: Date, until: Date): AsyncGenerator<readonly Reported[]> {
    const minutes = (time: Date) => time.toISOString().slice(5, 16);
    this.calls.push(`list ${minutes(since)} ${minutes(until)}`);
    const found = this.#reported.filter((one) => {
      return 'kind' in one && one.occurredAt >= since && one.occurredAt < until;
    });
    for (let at = 0; at < found.length; at += PAGE) {
      this.onPage();
      if (this.down.list > 0) {
        this.down.list -= 1;
        throw new Unavailable('no answer');
      }
      yield found.slice(at, at + PAGE);
    }
  }
}

/** A payment of 15.00, but for what is given. */
export function movement(given: Partial<Movement> & Pick<Movement, 'id'>): Movement {
  return {
    kind: 'payment',
    uid: 'ann',
    amountCents: 1500,
    parentId: null,
    orderId: null,
    mode: 'test',
    occurredAt: new Date(0),
    ...given,
  };
}

/** The books of a test, at the time that its clock says. No push comes through. */
export function pipelineOf(firestore: Firestore, now: () => Date): Pipeline {
  const settings = { ...readSettings({ PAYMENTS_MODE: 'test' }), pushBudgetMs: 100 };
  return {
    settings,
    ledger: new Ledger(firestore),
    parked: new ParkedEvents(firestore),
    reviews: new Reviews(firestore),
    payments: new DuePayments(firestore),
    retail: new RetailApi(
      retailConfig('http://127.0.0.1:9', { timeoutMs: 1 }),
      send,
      fixedClock(now),
    ),
    now,
    random: () => 0,
  };
}

/** A bound order of the gateway, placed now. Returns its id. */
export async function placeOrder(
  firestore: Firestore,
  now: () => Date,
  key: string,
): Promise<string> {
  const orders = new Orders(firestore, readSettings({ PAYMENTS_MODE: 'test' }), now);
  const request = { uid: 'ann', amountCents: 1500, gateway: NAME, idempotencyKey: key };
  const order = await orders.place(request);
  await orders.bind(order, `ref-${key}`);
  return order.orderId;
}

export const openLook = (till: Till, pipeline: Pipeline) =>
  openSecondLook(NAME, till.gateway, pipeline);
