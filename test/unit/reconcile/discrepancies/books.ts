import { Unusable } from '../../../../functions/src/errors.ts';
import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import { toPaymentRow } from '../../../../functions/src/ledger/payment-row.ts';
import type { Order, OrderIdForm } from '../../../../functions/src/orders/order.ts';
import { openOrders } from '../../../../functions/src/orders/orders.ts';
import { ingest, openPipeline, park } from '../../../../functions/src/pipeline.ts';
import type { OwnFirestore } from '../../../harness/own-firestore.ts';
import type { RetailApi } from '../../../standins/retail-api.ts';
import type { Held, Sale, Shop, Wanted } from './shop.ts';

/** Our side: orders, rows and parked events in Firestore, and the Retail API that rows are pushed to. */
export class Books {
  readonly #own: OwnFirestore;
  readonly retail: RetailApi['control'];
  /** The payment ids of rows that a person has written, and of those that one has deleted. */
  readonly byHand = { written: new Set<string>(), deleted: new Set<string>() };

  constructor(own: OwnFirestore, retail: RetailApi['control']) {
    this.#own = own;
    this.retail = retail;
  }

  async place(gateway: string, { uid, cents }: Wanted, ids?: OrderIdForm): Promise<Order> {
    const request = { uid, amountCents: cents, gateway, idempotencyKey: uid };
    return (await openOrders()).place({ ...request, ...(ids !== undefined && { ids }) });
  }

  async bind(order: Order, ref: string, { isUnbound }: Wanted): Promise<void> {
    if (isUnbound !== true) await (await openOrders()).bind(order, ref);
  }

  /** All that a payment has moved so far is told, booked and pushed. */
  async tell(shop: Shop, sale: Sale): Promise<void> {
    if (shop.claim !== undefined && !(await this.has(shop, sale.payment))) {
      await shop.claim(sale);
      return;
    }
    const reported = await shop.gateway.inquire?.(sale.asked);
    const event = { id: `told_${sale.payment.id}`, type: 'told' };
    const source = { gateway: shop.name, event };
    const parked = await ingest(await openPipeline(), source, reported ?? []);
    if (parked[0] !== undefined) throw parked[0];
  }

  /** A notice comes to the webhook. */
  async hear(shop: Shop, body: string): Promise<void> {
    const request: WebhookRequest = { method: 'POST', headers: {}, body: Buffer.from(body) };
    const event = await shop.gateway.verify(request);
    const reported = await shop.gateway.movements(event);
    await ingest(await openPipeline(), { gateway: shop.name, event }, reported);
  }

  /** An event about the payment could not be booked when it came. */
  async park({ name }: Shop, { payment: { id }, asked }: Sale): Promise<void> {
    const event = Object.assign({ id: `look_${id}`, type: 'second_look' }, asked);
    const error = new Unusable('It could not be read then.', { about: id });
    await park(await openPipeline(), { gateway: name, event }, error);
  }

  /** Writes a row that the Retail API has, whatever the gateway says. */
  async write({ name }: Shop, held: Held): Promise<void> {
    const occurredAt = new Date();
    const row = toPaymentRow(name, { ...held, mode: 'test', occurredAt });
    const { ledger } = await openPipeline();
    const { isNew } = await ledger.record({ ...row, parentId: null }, occurredAt, 0);
    if (!isNew) throw new Error(`${row.paymentId} was there before`);
    this.byHand.written.add(row.paymentId);
    await this.edit({ name }, held.id, {
      parent_id: row.parentId,
      is_synced: true,
      synced_as: 'applied',
      synced_try: 1,
      synced_at: occurredAt,
    });
  }

  async edit({ name }: Pick<Shop, 'name'>, id: string, fields: object): Promise<void> {
    await this.#own.doc(`tn_payments/${name}_${id}`).update({ ...fields });
  }

  async remove({ name }: Shop, { id }: Held): Promise<void> {
    this.byHand.deleted.add(`${name}_${id}`);
    await this.#own.doc(`tn_payments/${name}_${id}`).delete();
  }

  async has({ name }: Shop, { id }: Held): Promise<boolean> {
    return (await this.#own.read(`tn_payments/${name}_${id}`)) !== undefined;
  }
}
