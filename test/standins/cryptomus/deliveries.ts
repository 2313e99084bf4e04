import { Deliveries, type Endpoint } from '../deliveries.ts';

/** A signed body on its way to the address that its invoice was made with. */
export interface Notification {
  /** The invoice's uuid. */
  readonly id: string;
  readonly status: string;
  readonly url: string;
  readonly body: string;
}

export type CryptomusDeliveries = Deliveries<Notification, Endpoint>;

/** @param now in milliseconds since the epoch. */
export function openDeliveries(now: () => number): CryptomusDeliveries {
  const endpoint: Endpoint = { url: null, enabledEvents: ['*'], retryDelaysMs: [] };
  const sender = {
    typeOf: ({ status }: Notification) => status,
    headersOf: () => ({ 'content-type': 'application/json' }),
    urlOf: ({ url }: Notification) => url,
    bodyOf: ({ body }: Notification) => body,
    isInTurn: true,
  };
  return new Deliveries(endpoint, sender, now);
}
