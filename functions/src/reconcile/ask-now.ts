import { Conflict, NotFound } from '../errors';
import type { AskedPayment } from '../gateway';
import { anyIds } from '../orders/order';
import { openOrders } from '../orders/orders';
import { pushNow } from '../retail/push';
import { ask, askedOf, bookAnswer, type SecondLook } from './second-look';

/** The result of a question. */
export interface Answered {
  /** How many movements the gateway told of. */
  readonly told: number;
  /** The payment ids of the rows that were pushed: new ones, and those that were due. */
  readonly booked: string[];
  /** Why movements are no rows. */
  readonly parked: string[];
}

/**
 * Asks a gateway at once about an order or a payment, books what it says, and pushes it.
 * @param id our order id, or a payment id.
 * @throws NotFound when no order and no row of the gateway has the id.
 * @throws Conflict when the gateway cannot be asked in this deployment.
 * @throws Unavailable and Misconfigured as `Gateway.inquire`.
 */
export async function askNow(look: SecondLook, id: string): Promise<Answered> {
  const { gateway, pipeline } = look;
  const asked = await subjectOf(look, id);
  if (asked === undefined) throw new NotFound('No order and no row of the gateway has the id.');
  if (gateway.inquire === undefined) {
    throw new Conflict('This gateway cannot be asked here: see its README.');
  }
  const reported = await ask(look, asked);
  const { fresh, parked } = await bookAnswer(look, asked, reported);
  await pushNow(fresh, pipeline, pipeline.settings.pushBudgetMs);
  return {
    told: reported.filter((one) => 'kind' in one).length,
    booked: fresh.map(({ paymentId }) => paymentId),
    parked: parked.map(({ message }) => message),
  };
}

async function subjectOf(
  { name, rows }: SecondLook,
  id: string,
): Promise<AskedPayment | undefined> {
  const order = await (await openOrders()).find(id, anyIds);
  if (order?.gateway === name) {
    return { orderId: order.orderId, ref: order.gatewayRef ?? null, paymentId: null };
  }
  if (!id.startsWith(`${name}_`)) return undefined;
  const row = (await rows.ofPayments([id])).find(({ paymentId }) => paymentId === id);
  return row && askedOf(name, await rows.rootOf(row), row);
}
