import type { PaymentsMode } from '../../config/settings';
import { Unusable } from '../../errors';
import type { Ledger } from '../../ledger/ledger';
import { log } from '../../log';
import type { Order } from '../../orders/order';
import type { Orders } from '../../orders/orders';
import { wholeCentsOf } from './amounts';
import { NAME } from './config';
import type { CryptomusEvent } from './events';
import { asksFor, type Invoice, type Invoices } from './invoices';
import type { Movement } from '../../movement';

/** What is ours and must be looked up: what was ordered, and what was credited. */
export interface Books {
  readonly orders: Pick<Orders, 'find'>;
  readonly ledger: Pick<Ledger, 'find'>;
}

interface Means extends Books {
  readonly mode: PaymentsMode;
  readonly creditsUnderpaid: boolean;
  readonly invoices: Pick<Invoices, 'read'>;
}

/** What was ordered, and the invoice of it as Cryptomus has it now. */
interface Dealing {
  readonly order: Order;
  readonly invoice: Invoice;
}

/** The statuses of an invoice that bear out a reported one. `refund_paid` says that it was paid. */
const bornOutBy: ReadonlyMap<string, readonly string[]> = new Map([
  ['paid', ['paid', 'paid_over', 'refund_paid']],
  ['paid_over', ['paid_over', 'refund_paid']],
  ['wrong_amount', ['wrong_amount', 'refund_paid']],
  ['refund_paid', ['refund_paid']],
]);

/** Turns reports of money into movements, held against the order and the invoice. */
export class Settlement {
  readonly #means: Means;

  constructor(means: Means) {
    this.#means = means;
  }

  /**
   * What the invoice brought. When it was paid back before we heard of the payment, both: a refund
   * that came first had nothing to correct.
   */
  async payment(event: CryptomusEvent): Promise<readonly Movement[]> {
    const dealing = await this.#look(event);
    const payment = paymentOf(dealing, this.#creditOf(event, dealing.order));
    if (dealing.invoice.status !== 'refund_paid') return [payment];
    const credited = await this.#creditedBy(event);
    return [payment, refundOf(dealing, credited ?? payment.amountCents)];
  }

  /** Cryptomus pays back whole invoices only, and does not say how much: it is what we credited. */
  async refund(event: CryptomusEvent): Promise<readonly Movement[]> {
    const dealing = await this.#look(event);
    const credited = await this.#creditedBy(event);
    if (credited === undefined) {
      throw new Unusable('A payment was paid back that was not credited.');
    }
    return [refundOf(dealing, credited)];
  }

  /**
   * The signature alone proves nothing about money: Cryptomus signs test notifications, too, even
   * for a real invoice.
   */
  async #look(event: CryptomusEvent): Promise<Dealing> {
    const { orders, invoices, mode } = this.#means;
    const order = event.orderId === null ? undefined : await orders.find(event.orderId);
    if (order?.gateway !== NAME || order.mode !== mode) {
      throw new Unusable('There is no such order of ours.');
    }
    if (!asksFor(order, event)) throw new Unusable('The invoice differs from the order.');
    const invoice = await invoices.read(event.uuid);
    const isSame = invoice.uuid === event.uuid && asksFor(order, invoice);
    if (!isSame || bornOutBy.get(event.status)?.includes(invoice.status) !== true) {
      throw new Unusable('Cryptomus does not confirm what it has reported.');
    }
    return { order, invoice };
  }

  /** The cents to credit. @throws Unusable when it is not told, or not to be credited. */
  #creditOf(event: CryptomusEvent, { amountCents: ordered }: Order): number {
    const arrived = wholeCentsOf(event.arrivedUsd);
    if (event.status === 'paid') {
      if (arrived !== undefined && arrived < ordered) {
        log.warn('less arrived than was ordered', { event_id: event.id });
      }
      return ordered;
    }
    if (!arrived) throw new Unusable('It is not told how much arrived.');
    if (event.status === 'paid_over') return Math.max(ordered, arrived);
    if (event.isFinal !== true) throw new Unusable('It is not told whether the invoice is final.');
    if (!this.#means.creditsUnderpaid) throw new Unusable('The invoice is underpaid.');
    return arrived;
  }

  async #creditedBy({ uuid }: CryptomusEvent): Promise<number | undefined> {
    return (await this.#means.ledger.find(`${NAME}_${uuid}`))?.amountCents;
  }
}

function paymentOf(dealing: Dealing, amountCents: number): Movement {
  const { uuid } = dealing.invoice;
  return { ...common(dealing), id: uuid, kind: 'payment', amountCents, parentId: null };
}

function refundOf(dealing: Dealing, creditedCents: number): Movement {
  const { uuid } = dealing.invoice;
  return {
    ...common(dealing),
    id: `${uuid}-refund`,
    kind: 'refund',
    amountCents: -creditedCents,
    parentId: uuid,
  };
}

function common({ order, invoice }: Dealing) {
  return {
    uid: order.uid,
    orderId: order.orderId,
    mode: order.mode,
    occurredAt: invoice.updatedAt ?? order.createdAt,
  };
}
