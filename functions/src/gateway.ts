import type { Environment } from './config/environment';
import type { MovementKind, Reported } from './movement';

/** An HTTP request as it arrived. It has no parsed body, so that only the signed bytes are read. */
export interface WebhookRequest {
  readonly method: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /**
   * The address of the client, from the header that TRUSTED_PROXY_HEADER names. Empty when the
   * request lacks the header, absent when no proxy is trusted.
   */
  readonly clientAddress?: string;
}

/** A verified event: its id and type, and the fields that its gateway needs. */
export interface GatewayEvent {
  readonly id: string;
  readonly type: string;
}

/** The answer that a gateway expects. */
export interface Acknowledgement {
  readonly contentType: string;
  readonly body: string;
}

/** A payment that its gateway is asked about. At least one of the ids is known. */
export interface AskedPayment {
  /** The id of our order. */
  readonly orderId: string | null;
  /** The gateway's id of the object that the order is bound to. */
  readonly ref: string | null;
  /** The gateway's id of the payment: its payment id without the gateway's name before it. */
  readonly paymentId: string | null;
}

/** A payment that money is given back of. */
export interface RefundedPayment {
  /** The gateway's id of the payment: its payment id without the gateway's name before it. */
  readonly paymentId: string;
  readonly orderId: string | null;
  /** What the payment has brought, in US cents. */
  readonly amountCents: number;
  /** What its refunds had taken before this one was asked for, in US cents. */
  readonly refundedCents: number;
  /** Where the money goes, for a gateway that needs to be told; empty for the others. */
  readonly address: string;
  /**
   * What became of earlier calls for the same request: there were none, their answer is not known, or
   * the gateway has taken the refund and its row has not come.
   */
  readonly earlier: 'none' | 'unknown' | 'taken';
}

/** The answer of a gateway that has taken a refund. */
export interface RefundAnswer {
  /** The movement that it will report: see `Movement.id`. */
  readonly refundId: string;
}

/**
 * What a gateway can give back: nothing (then a person does it by hand, in these steps), a payment as a
 * whole, or any part of one.
 */
export type Refunds =
  | { readonly can: 'none'; readonly byHand: readonly string[] }
  | {
      readonly can: 'full' | 'partial';
      /** Whose address it must be told, in words. Absent: the money goes back as it came. */
      readonly needsAddress?: string;
      /** Whether the gateway knows a request by its key. Otherwise it is asked what it has given back. */
      readonly knowsKeys: boolean;
      /**
       * Gives money back. The row comes from the gateway's own report, not from here. It may be called
       * again with the same key and sum, and then gives nothing twice: the gateway knows the key, or is
       * asked first.
       * @throws Conflict when the gateway refuses it: this call gave nothing, nor did an earlier one where
       *   the gateway knows the key.
       * @throws Misconfigured and NotFound when it refuses our keys, or does not know the payment: this
       *   call gave nothing.
       * @throws Unavailable and Unusable when it may have been given.
       */
      readonly refund: (
        payment: RefundedPayment,
        cents: number,
        key: string,
      ) => Promise<RefundAnswer>;
    };

/** The gateway's own list of what has moved. */
export interface History {
  /**
   * The kinds of movements that bring their payment into the list. Others are found when the payment
   * is listed for another reason, or asked about.
   */
  readonly kinds: readonly MovementKind[];
  /** How far back the gateway lists, in ms. */
  readonly reachMs: number;
  /** How late a movement may appear in the list, in ms: a look begins so long before the last one's end. */
  readonly lagMs: number;
  /** The pause between two looks, in ms. */
  readonly everyMs: number;
  /**
   * Goes through all that has moved in a span of time, page by page. A page has every movement of the
   * payments that it names, read as they are now, a payment before its corrections; movements outside
   * of the span may be among them. In place of what cannot be read stands an Unusable that says what
   * it is `about`. Payments that are not ours are left out.
   * @throws Unavailable when the gateway does not answer: the pages so far are complete.
   * @throws Misconfigured when the gateway refuses our keys, or the account may not list.
   */
  list(since: Date, until: Date): AsyncIterable<readonly Reported[]>;
}

export interface Gateway<Event extends GatewayEvent> {
  /**
   * Checks that the request came from the gateway, and reads its event.
   * @throws Unauthentic when it did not.
   * @throws Unusable when it did, and cannot be read: the request is parked.
   */
  verify(request: WebhookRequest): Promise<Event>;
  /**
   * The movements of the event, a payment before its corrections. Empty when it moved no money, or
   * is not ours.
   * @throws Unusable when the event is ours and no row can be made of it.
   * @throws Unavailable when the gateway's API did not answer.
   */
  movements(event: Event): Promise<readonly Reported[]>;
  /**
   * The part of a parked event that is stored for a person. Without this method all of the event is
   * stored: then it must not say more about a buyer than the gateway's ids.
   */
  trace?(event: Event): GatewayEvent;
  /**
   * Asks the gateway about one payment, as it stands now, by the routine that its events go through.
   * Empty when the gateway does not know it, when it moved no money, or is not ours.
   * @throws Unusable when it is ours and no row can be made of it.
   * @throws Unavailable when the gateway does not answer.
   */
  readonly inquire?: (payment: AskedPayment) => Promise<readonly Reported[]>;
  /** The payment that a parked event is about, from its stored fields. Undefined when they do not tell. */
  readonly subjectOf?: (event: unknown) => AskedPayment | undefined;
  /** Absent where the gateway lists nothing: see its README. */
  readonly history?: History;
  /** Whether money can be given back. Absent: by hand. */
  readonly refunds?: Refunds;
  /** The answer to a stored event. Without this method it is an empty 200. */
  acknowledge?(event: Event): Acknowledgement;
}

/**
 * The values that every app may know, by their names in the client protocol. Each function throws
 * Misconfigured when its variable is missing.
 */
export type PublicKeys = Readonly<Record<string, (environment?: Environment) => string>>;
