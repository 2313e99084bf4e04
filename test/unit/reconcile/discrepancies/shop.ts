import type { AskedPayment, Gateway, GatewayEvent } from '../../../../functions/src/gateway.ts';
import type { MovementKind } from '../../../../functions/src/movement.ts';
import type { Books } from './books.ts';

/** A movement that a gateway holds, as its row has to be. The ids are the gateway's. */
export interface Held {
  readonly id: string;
  readonly kind: MovementKind;
  readonly uid: string;
  readonly amountCents: number;
  readonly parentId: string | null;
  readonly orderId: string | null;
}

/** A payment at a gateway, and by which names its gateway is asked about it. */
export interface Sale {
  readonly payment: Held;
  readonly asked: AskedPayment;
}

export interface Wanted {
  readonly uid: string;
  /** US cents; a whole number of dollars. The stores sell what they have. */
  readonly cents: number;
  /** The process died before the order was bound. */
  readonly isUnbound?: boolean;
}

export interface Opened {
  /** As the functions open it. */
  readonly gateway: Gateway<GatewayEvent>;
  /** As the report opens it. */
  readonly reader: Gateway<GatewayEvent>;
}

/** A gateway with its stand-in: what buyers, banks and operators do there. Nothing of it is told. */
export interface Shop extends Opened {
  readonly name: string;
  readonly stop: () => Promise<void>;
  /** A buyer pays. */
  readonly sell: (wanted: Wanted) => Promise<Sale>;
  /** The app tells of a payment, where the gateway's payments are told by it. */
  readonly claim?: (sale: Sale) => Promise<void>;
  /** A payment as a row might say, that the gateway does not have. */
  readonly strange: (wanted: Wanted) => Promise<Held>;
  /** Money of which no row can be made. Returns the gateway's id of it. */
  readonly spoilt: (wanted: Wanted) => Promise<string>;
  /** The id of another payment, which the gateway does not have. */
  readonly doubleOf: (id: string) => string;
  /** Gives a part back; the whole where the gateway knows no parts. */
  readonly refund?: (sale: Sale, cents: number) => Promise<Held>;
  /** Gives another part back. */
  readonly refundMore?: (sale: Sale, first: Held, cents: number) => Promise<Held>;
  readonly failRefund?: (sale: Sale, refund: Held) => Promise<Held>;
  readonly dispute?: (sale: Sale, cents: number) => Promise<Held>;
  /** The money of a dispute, or of a refund of a store, comes back. */
  readonly giveBack?: (sale: Sale, taken: Held) => Promise<Held>;
  /** The gateway takes the whole payment back by itself. */
  readonly takeBack?: (sale: Sale) => Promise<Held>;
  /** A buyer pays, and the money is held until we capture it. */
  readonly hold?: (wanted: Wanted) => Promise<Sale>;
  /** The buyer pays the same order again. */
  readonly payAgain?: (sale: Sale) => Promise<Held>;
  /** Whether the gateway shows payments that were never told. */
  readonly showsPayments: boolean;
  /** Whether an order leads to its payments. */
  readonly hasOrders: boolean;
  /** Whether refunds of a payment are told as their sum. */
  readonly isTotal: boolean;
  /** The id under which a refund that is booked is told again. */
  readonly refundIdAgain?: (refund: Held) => string;
  /** Whether the gateway does not say how much was paid, once it is paid back. */
  readonly forgetsRefunded?: true;
  /** Whether a refund is listed by its own time, however old its payment is. */
  readonly listsLateRefunds: boolean;
  /** The id of the row that tells a total's growth; undefined where a payment does not grow. */
  readonly growthId?: (sale: Sale) => string;
  /** The body of the last notice about a payment, where it tells of one movement alone. */
  readonly lastNotice?: (sale: Sale) => string;
}

export interface ShopOptions {
  readonly books: Books;
  /** The gateway's clock, in ms since the epoch: it is not quite ours. */
  readonly now: () => number;
}

export function payment(id: string, { uid, cents }: Wanted, orderId: string | null): Held {
  return { id, kind: 'payment', uid, amountCents: cents, parentId: null, orderId };
}

/** A correction of a payment, or of one of its refunds. */
export function correction(
  kind: MovementKind,
  id: string,
  amountCents: number,
  { payment: { uid, orderId, id: paymentId } }: Sale,
  parentId: string = paymentId,
): Held {
  return { id, kind, uid, amountCents, parentId, orderId };
}
