import type { Environment } from './config/environment';
import type { Reported } from './movement';

/** An HTTP request as it arrived. There is no parsed body to trust by accident. */
export interface WebhookRequest {
  readonly method: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /**
   * Where the request came from, as the proxy says that TRUSTED_PROXY_HEADER names; empty when it
   * does not say, absent when no proxy is trusted.
   */
  readonly clientAddress?: string;
}

/** A verified event: what it is called, and whatever else the gateway needs to act on it. */
export interface GatewayEvent {
  readonly id: string;
  readonly type: string;
}

/** What a gateway wants to hear. */
export interface Acknowledgement {
  readonly contentType: string;
  readonly body: string;
}

export interface Gateway<Event extends GatewayEvent> {
  /**
   * @throws Unauthentic unless the request provably came from the gateway.
   * @throws Malformed when it did, and is not what the gateway's contract says.
   */
  verify(request: WebhookRequest): Promise<Event>;
  /**
   * The signed amounts the event moved, a payment before its corrections. Empty when it moved
   * none, or when it is not ours.
   * @throws Unusable when it is ours and no row at all can be made of it.
   * @throws Unavailable when the gateway's API did not answer.
   */
  movements(event: Event): Promise<readonly Reported[]>;
  /**
   * What a person needs to know of an event that is parked. Left out, all of it is kept: then it
   * must hold nothing that says more of a buyer than the gateway's ids.
   */
  trace?(event: Event): GatewayEvent;
  /** Left out when an empty 200 will do. */
  acknowledge?(event: Event): Acknowledgement;
}

/**
 * What a gateway lets every app know, by its name in the client protocol. Each throws Misconfigured
 * where it is not there.
 */
export type PublicKeys = Readonly<Record<string, (environment?: Environment) => string>>;
