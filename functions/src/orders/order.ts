import { FieldValue, type DocumentData } from '../firestore/client';
import { z } from 'zod';
import { paymentsMode } from '../config/settings';
import { date, defineDocument, type FieldValues } from '../firestore/document';

const orderFields = {
  orderId: ['order_id', z.string()],
  uid: ['uid', z.string()],
  amountCents: ['amount', z.int()],
  gateway: ['gateway', z.string()],
  mode: ['mode', paymentsMode],
  createdAt: ['created_at', date],
  /**
   * The gateway's own object that the order is paid by. Written once, after the gateway has answered.
   * A gateway without such an object knows the order by our id, which then stands here.
   */
  gatewayRef: ['gateway_ref', z.string().exactOptional()],
  /**
   * Whether the order may count against its user; `OpenOrders` says when it does. Absent when it is
   * known whether the order was paid: `OrderExpiry` asks no more.
   */
  isOpen: ['is_open', z.boolean().exactOptional()],
  /** When the gateway is asked about the order, which has no payment yet: see `UnpaidOrders`. */
  askAt: ['ask_at', date.exactOptional()],
  /** How often the gateway was asked. */
  timesAsked: ['times_asked', z.int().exactOptional()],
  /** The gateway has told of several movements at once: it is asked again until all are booked. */
  isInBooking: ['is_in_booking', z.literal(true).exactOptional()],
  /** The order has passed the limit. Its gateway may have heard of it, so it is never deleted. */
  isAdmitted: ['is_admitted', z.literal(true).exactOptional()],
} as const;

/**
 * A sale that we agreed to: who, how much, through which gateway. Written once; then bound, once.
 * Only its marks change otherwise: `isOpen`, `isAdmitted`, and those of the gateway's questions.
 */
export type Order = FieldValues<typeof orderFields>;

const storedOrder = defineDocument(orderFields);

/** The document of a new order: it is created when Firestore says, whatever `createdAt` is. */
export function toDocument(order: Order): DocumentData {
  return {
    ...storedOrder.encode(order),
    currency: 'USD',
    // One clock for all orders of a user, so that they have one sequence.
    created_at: FieldValue.serverTimestamp(),
  };
}

/** Reads what `toDocument` wrote. */
export function fromDocument(document: DocumentData | undefined): Order {
  return storedOrder.parse(document);
}

/** As `fromDocument`; undefined when a person has made the document unreadable. */
export function tryFromDocument(document: DocumentData | undefined): Order | undefined {
  return storedOrder.safeParse(document).data;
}

/** The form of a gateway's order ids. */
export interface OrderIdForm {
  readonly pattern: RegExp;
  /** Makes an id of 32 bytes; the id fits the pattern. */
  write(bytes: Buffer): string;
}

/** The order that a client asks for. */
export interface OrderRequest {
  readonly uid: string;
  readonly amountCents: number;
  readonly gateway: string;
  /** The client's `Idempotency-Key`: the same key gives the same order. */
  readonly idempotencyKey: string | undefined;
  /** For a gateway that does not accept ordinary ids. */
  readonly ids?: OrderIdForm;
}

/** The form for every gateway that has no other. */
export const ordinaryIds: OrderIdForm = {
  pattern: /^[0-9a-f]{32}$/,
  write: (bytes) => bytes.toString('hex').slice(0, 32),
};

/**
 * The form that the ids of all gateways fit, for callers that do not know the gateway. Firestore
 * reserves `__…__`.
 */
export const anyIds = { pattern: /^(?!__.*__$)[0-9A-Za-z_-]{1,64}$/ };

/** Whether a text from outside has the form of an order id. No other text may name a document. */
export function isOrderId(
  text: string,
  { pattern }: Pick<OrderIdForm, 'pattern'> = ordinaryIds,
): boolean {
  return pattern.test(text);
}
