import type { Environment } from './config/environment';
import type { Reported } from './movement';

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
  /** The answer to a stored event. Without this method it is an empty 200. */
  acknowledge?(event: Event): Acknowledgement;
}

/**
 * The values that every app may know, by their names in the client protocol. Each function throws
 * Misconfigured when its variable is missing.
 */
export type PublicKeys = Readonly<Record<string, (environment?: Environment) => string>>;
