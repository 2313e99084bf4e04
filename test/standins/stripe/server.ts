import { withControl } from '../control.ts';
import { ApiFaults } from '../faults.ts';
import { listen } from '../http.ts';
import type { Listener } from '../http.ts';
import { Account } from './account.ts';
import { apiHandler } from './api.ts';
import type { Desk } from './api.ts';
import { controlOf } from './control.ts';
import type { StripeControl } from './control.ts';
import { openDeliveries } from './deliveries.ts';
import { Idempotency } from './idempotency.ts';

/** How the stand-in is started. */
export interface StripeOptions {
  port?: number;
  apiKey: string;
  /** Of the browsers; left out: they have none. */
  publishableKey?: string;
  /** One, or two as while an endpoint's secret is being replaced. */
  webhookSecret: string | readonly string[];
  /** Left out: events are made, but sent nowhere until the endpoint is configured. */
  webhookUrl?: string;
  /** The event types the endpoint wants; all unless told otherwise. */
  enabledEvents?: readonly string[];
  livemode?: boolean;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** A new id for a prefix such as `pi`; counted unless told otherwise. */
  newId?: (prefix: string) => string;
}

/** The running stand-in; `origin` is what the package's host and port point to. */
export interface StripeStandin extends Listener {
  control: StripeControl;
}

/** Starts the stand-in for Stripe; its control is served at the same port. */
export async function startStripe(options: StripeOptions): Promise<StripeStandin> {
  const now = options.now ?? Date.now;
  const { webhookSecret: secret } = options;
  const endpoint = {
    url: options.webhookUrl ?? null,
    enabledEvents: options.enabledEvents ?? ['*'],
    secrets: typeof secret === 'string' ? [secret] : secret,
    retryDelaysMs: [],
  };
  const deliveries = openDeliveries(endpoint, now);
  const desk: Desk = {
    account: new Account({
      livemode: options.livemode ?? false,
      now,
      newId: options.newId ?? countedIds(),
      onEvent: (event) => {
        deliveries.accept(event);
      },
    }),
    apiKey: options.apiKey,
    publishableKey: options.publishableKey,
    faults: new ApiFaults(),
    idempotency: new Idempotency(now),
    now,
    requests: [],
  };
  const control = controlOf(desk, deliveries);
  const listener = await listen(withControl(control, apiHandler(desk)), options.port);
  const stop = (): Promise<void> => {
    deliveries.stop();
    return listener.stop();
  };
  return { ...listener, stop, control };
}

function countedIds(): (prefix: string) => string {
  const counts = new Map<string, number>();
  return (prefix) => {
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    return `${prefix}_${String(count).padStart(6, '0')}`;
  };
}
