import { GoogleClient } from '../../scripts/google/client.ts';
import { examineVendors } from '../../scripts/doctor/vendors.ts';
import { startGoogleCloud, type GoogleCloudStandin } from '../standins/google-cloud/server.ts';
import { startPayPal, type PayPalStandin } from '../standins/paypal/server.ts';
import { startRetailApi, type RetailApi } from '../standins/retail-api.ts';
import { startStripe, type StripeStandin } from '../standins/stripe/server.ts';
import { linesOf } from './doctor.ts';
import { setEnvironment } from './environment.ts';
import { existing } from './existing.ts';

/** Where our webhooks are. */
export const ADDRESSES = {
  stripe: 'https://us-central1-demo.cloudfunctions.net/stripe-handleWebhookEvents',
  paypal: 'https://us-central1-demo.cloudfunctions.net/paypal-handleWebhookEvents',
};

/** Stripe, PayPal and the Retail API, as `npm run doctor -- --project` asks them, and the settings for them. */
export class Vendors {
  #stripe: StripeStandin | undefined;
  #paypal: PayPalStandin | undefined;
  #retail: RetailApi | undefined;
  #google: GoogleCloudStandin | undefined;

  constructor() {
    beforeAll(async () => {
      this.#stripe = await startStripe({
        apiKey: 'sk_test_standin',
        webhookSecret: 'whsec_standin',
      });
      this.#paypal = await startPayPal({
        clientId: 'client',
        clientSecret: 'secret',
        webhookId: 'W',
      });
      this.#google = await startGoogleCloud('demo');
      const names = Object.values(ADDRESSES).map((url) => url.split('/').at(-1) ?? '');
      const how = { region: 'us-central1', secrets: {}, isScheduled: false };
      this.#google.control.deployment.deploy(
        names.map((name) => ({ name, ...how })),
        new Date(),
      );
      this.#retail = await startRetailApi({ apiKey: 'retail-standin' });
    });
    afterAll(() =>
      Promise.all([
        ...[this.stripe.stop(), this.paypal.stop()],
        ...[this.#retail?.stop(), this.#google?.stop()],
      ]),
    );
    beforeEach(() => {
      // The Retail API is opened once in a process.
      jest.resetModules();
      setEnvironment(this.variables);
    });
  }

  get stripe(): StripeStandin {
    return existing(this.#stripe);
  }

  get paypal(): PayPalStandin {
    return existing(this.#paypal);
  }

  get variables() {
    return {
      PAYMENTS_MODE: 'test',
      PLATFONE_API_KEY: 'retail-standin',
      PLATFONE_API_URL: existing(this.#retail).url,
      STRIPE_SECRET_KEY: 'sk_test_standin',
      STRIPE_API_URL: this.stripe.origin,
      PAYPAL_CLIENT_ID: 'client',
      PAYPAL_CLIENT_SECRET: 'secret',
      PAYPAL_MERCHANT_ID: 'MERCHANTSTANDIN',
      PAYPAL_API_URL: this.paypal.origin,
      PAYPAL_WEBHOOK_ID: 'none1',
    };
  }

  /** What the doctor says of the Retail API and of these, as `state name words → fix`. */
  async lines(...on: string[]): Promise<string[]> {
    const google = new GoogleClient(async () => new Headers(), existing(this.#google).origin);
    const site = { project: 'demo', domain: 'pay.example.com', google };
    return linesOf(await examineVendors(on, site, 20));
  }

  /** Hosting serves this domain for the project from now on. */
  serve(domain: string): void {
    existing(this.#google).control.deployment.domains.push(domain);
  }

  async askStripe(method: string, path: string, fields: [string, string][] = []): Promise<string> {
    const response = await fetch(`${this.stripe.origin}/v1/webhook_endpoints${path}`, {
      method,
      headers: { authorization: 'Bearer sk_test_standin' },
      ...(method === 'POST' && { body: new URLSearchParams(fields) }),
    });
    expect(response.status).toBe(200);
    return ((await response.json()) as { id: string }).id;
  }

  /** Registers a webhook at Stripe. */
  registerAtStripe(url: string, events: readonly string[]): Promise<string> {
    const fields = events.map((event): [string, string] => ['enabled_events[]', event]);
    return this.askStripe('POST', '', [['url', url], ...fields]);
  }
}
