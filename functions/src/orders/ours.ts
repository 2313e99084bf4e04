import type { PaymentsMode } from '../config/settings';
import type { Order, OrderIdForm } from './order';

/** Where orders are looked up. */
export interface OrderBook {
  /**
   * @param ids what the gateway's ids look like, where they are not the ordinary ones.
   * @throws Unavailable when the orders cannot be read.
   */
  find(orderId: string, ids?: Pick<OrderIdForm, 'pattern'>): Promise<Order | undefined>;
}

/** What a gateway says of an object of its own that may be a payment of an order. */
export interface Claim {
  /** The order that the object names. */
  readonly orderId: string | null | undefined;
  readonly gateway: string;
  /** The mode in which the gateway holds the object. */
  readonly mode: PaymentsMode;
  /** What the gateway's order ids look like, where they are not the ordinary ones. */
  readonly ids?: OrderIdForm;
  /** The gateway's id of the object, where orders are bound to one. */
  readonly ref?: string | undefined;
  /** Whether the money goes to our account, where the gateway says to whose it goes. */
  readonly isPaidToUs?: boolean;
}

/**
 * Whose money it is: the order that a gateway's object pays, when the order is of this deployment,
 * gateway and mode, is bound to this very object, and the money goes to our account. Undefined when
 * any of that is not so: the object is not ours, and nothing comes of it. Asked before anything is
 * captured or booked.
 * @throws Unavailable when the orders cannot be read.
 */
export async function findOurOrder(orders: OrderBook, claim: Claim): Promise<Order | undefined> {
  const { orderId, gateway, mode, ids, ref, isPaidToUs = true } = claim;
  if (!isPaidToUs || orderId === null || orderId === undefined) return undefined;
  const order = await orders.find(orderId, ids);
  if (order?.gateway !== gateway || order.mode !== mode) return undefined;
  // An order whose binding was lost is paid by whatever object names it and pays us.
  const isBoundElsewhere =
    ref !== undefined && order.gatewayRef !== undefined && order.gatewayRef !== ref;
  return isBoundElsewhere ? undefined : order;
}
