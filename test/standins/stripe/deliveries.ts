import { Deliveries, type Endpoint } from '../deliveries.ts';
import type { StripeEvent } from './objects.ts';
import { signatureHeader } from './signature.ts';

/** A webhook endpoint as Stripe keeps it. */
export interface StripeEndpoint extends Endpoint {
  /** One secret, or two while it is being replaced. */
  secrets: readonly string[];
}

export type StripeDeliveries = Deliveries<StripeEvent, StripeEndpoint>;

/** @param now in milliseconds since the epoch. */
export function openDeliveries(endpoint: StripeEndpoint, now: () => number): StripeDeliveries {
  const sender = {
    typeOf: (event: StripeEvent) => event.type,
    headersOf: (body: string, { secrets }: StripeEndpoint) => ({
      'stripe-signature': signatureHeader(body, secrets, Math.floor(now() / 1000)),
    }),
  };
  return new Deliveries(endpoint, sender, now);
}
