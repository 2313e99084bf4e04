import { withControl } from '../control.ts';
import { Deliveries, type Endpoint } from '../deliveries.ts';
import { ApiFaults } from '../faults.ts';
import { listen, type Listener } from '../http.ts';
import { Account } from './account.ts';
import { apiHandler, type Desk } from './api.ts';
import { approvalUrl, withApproval } from './approval.ts';
import { controlOf, type PayPalControl, type PayPalDeliveries } from './control.ts';
import { newSearch } from './listing.ts';
import type { PayPalEvent } from './objects.ts';
import { createSignatory, signedHeaders, type Signatory } from './signing.ts';
import { Webhooks } from './webhooks.ts';

/** The account of the stand-in, which is paid where an order names no other. */
export const MERCHANT_ID = 'MERCHANTSTANDIN';

/** How the stand-in is started. */
export interface PayPalOptions {
  port?: number;
  clientId: string;
  clientSecret: string;
  webhookId: string;
  /** Left out: events are made, but sent nowhere until the endpoint is configured. */
  webhookUrl?: string;
  /** One of its own unless told otherwise. */
  signatory?: Signatory;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** 1 unless told otherwise. */
  firstId?: number;
}

/** The running stand-in; `origin` is what `PAYPAL_API_URL` points to. */
export interface PayPalStandin extends Listener {
  control: PayPalControl;
  signatory: Signatory;
}

/** Starts the stand-in for PayPal; its control is served at the same port. */
export async function startPayPal(options: PayPalOptions): Promise<PayPalStandin> {
  const { clientId, clientSecret, webhookId, now = Date.now } = options;
  const signatory = options.signatory ?? createSignatory();
  const deliveries = openDeliveries(options.webhookUrl, webhookId, signatory, now);
  const onEvent = (event: PayPalEvent): void => {
    deliveries.accept(event);
  };
  let origin = '';
  const desk: Desk = {
    account: new Account({
      now,
      onEvent,
      approvalUrl: (orderId) => approvalUrl(origin, orderId),
      firstId: options.firstId ?? 1,
      merchantId: MERCHANT_ID,
    }),
    clientId,
    clientSecret,
    webhookId,
    signatory,
    webhooks: new Webhooks(),
    faults: new ApiFaults(),
    isTerse: false,
    tokens: new Set(),
    tokenCount: 0,
    answered: new Map(),
    requests: [],
    search: newSearch,
    now,
  };
  const control = controlOf(desk, deliveries);
  const handler = withApproval(desk.account, apiHandler(desk));
  const listener = await listen(withControl(control, handler), options.port);
  origin = listener.origin;
  const stop = (): Promise<void> => {
    deliveries.stop();
    return listener.stop();
  };
  return { ...listener, stop, control, signatory };
}

function openDeliveries(
  url: string | undefined,
  webhookId: string,
  signatory: Signatory,
  now: () => number,
): PayPalDeliveries {
  const endpoint: Endpoint = { url: url ?? null, enabledEvents: ['*'], retryDelaysMs: [] };
  const sender = {
    typeOf: (event: PayPalEvent) => event.event_type,
    headersOf: (body: string) => signedHeaders(body, webhookId, signatory),
  };
  return new Deliveries(endpoint, sender, now);
}
