import Stripe from '../../../functions/node_modules/stripe/cjs/stripe.cjs.node.js';
import { existing } from '../../harness/existing.ts';
import { listen } from '../../standins/http.ts';
import type { Call, Listener } from '../../standins/http.ts';
import type { StripeControl } from '../../standins/stripe/control.ts';
import type { PaymentIntent } from '../../standins/stripe/objects.ts';
import { startStripe } from '../../standins/stripe/server.ts';
import type { StripeOptions, StripeStandin } from '../../standins/stripe/server.ts';

export const API_KEY = 'sk_test_standin';
export const SECRET = 'whsec_standin';

/** A webhook that keeps what it gets and answers 200, or what is put into `answers`. */
export interface Webhook extends Listener {
  calls: Call[];
  answers: number[];
}

export async function startWebhook(): Promise<Webhook> {
  const calls: Call[] = [];
  const answers: number[] = [];
  const listener = await listen((call) => {
    calls.push(call);
    return { status: answers.shift() ?? 200 };
  });
  return { ...listener, calls, answers };
}

/** The real package, talking to the stand-in. */
export function clientOf(
  standin: StripeStandin,
  config: { apiKey?: string; maxNetworkRetries?: number; timeout?: number } = {},
): Stripe {
  const { apiKey = API_KEY, maxNetworkRetries = 0, timeout = 2000 } = config;
  return new Stripe(apiKey, {
    host: '127.0.0.1',
    port: standin.port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries,
    timeout,
  });
}

export function startStandin(options: Partial<StripeOptions> = {}): Promise<StripeStandin> {
  return startStripe({ apiKey: API_KEY, webhookSecret: SECRET, ...options });
}

/** A held payment of ours: created through the API, confirmed by the buyer. */
export async function held(
  stripe: Stripe,
  control: StripeControl,
  options: { amount?: number; review?: boolean } = {},
): Promise<PaymentIntent> {
  const { amount = 1500, review = false } = options;
  const created = await stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    capture_method: 'manual',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    metadata: { uid: 'user1', purpose: 'wallet_topup' },
  });
  return control.confirm(created.id, { review });
}

/** A stand-in for all tests of a file, reset before each, and the real package that talks to it. */
export class Bench {
  #standin: StripeStandin | undefined;
  #stripe: Stripe | undefined;

  constructor() {
    beforeAll(async () => {
      this.#standin = await startStandin();
      this.#stripe = clientOf(this.#standin);
    });
    beforeEach(() => {
      this.control.reset();
    });
    afterAll(() => this.#standin?.stop());
  }

  get standin(): StripeStandin {
    return existing(this.#standin);
  }

  get control(): StripeControl {
    return this.standin.control;
  }

  get stripe(): Stripe {
    return existing(this.#stripe);
  }
}
