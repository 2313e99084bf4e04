import type { DocumentData, Firestore } from 'firebase-admin/firestore';
import type { Answer, User } from '../../../scripts/stack/client.ts';
import { ServedApp } from '../../harness/app.ts';
import { existing } from '../../harness/existing.ts';
import { MERCHANT_ID, startPayPal, type PayPalStandin } from '../../standins/paypal/server.ts';

/** PayPal's webhook. */
export const WEBHOOK = 'paypal-handleWebhookEvents';

interface Given {
  /** The test's user unless told otherwise; null: a stranger without a token. */
  readonly caller?: User | null;
  readonly headers?: Record<string, string>;
}

/** The functions of PayPal between their stand-ins, with a new user for every test. */
export class Bench {
  #paypal: PayPalStandin | undefined;
  #app: ServedApp | undefined;
  #user: User | undefined;

  /** @param firstId where PayPal's ids begin: they become ids of rows, and all suites share those. */
  constructor(firstId: number) {
    beforeAll(async () => {
      this.#paypal = await startPayPal({
        clientId: 'client-standin',
        clientSecret: 'secret-standin',
        webhookId: 'WEBHOOK1STANDIN',
        firstId,
      });
      this.#app = await ServedApp.start({
        PAYPAL_CLIENT_ID: 'client-standin',
        PAYPAL_CLIENT_SECRET: 'secret-standin',
        PAYPAL_MERCHANT_ID: MERCHANT_ID,
        PAYPAL_WEBHOOK_ID: 'WEBHOOK1STANDIN',
        PAYPAL_API_URL: this.#paypal.origin,
        PAYPAL_TRUST_ANCHOR: this.#paypal.signatory.anchor,
        OPEN_ORDERS_PER_HOUR: '1000',
      });
    });
    afterAll(async () => {
      await this.#app?.stop();
      await this.#paypal?.stop();
    });
    beforeEach(async () => {
      this.paypal.reset();
      await this.listen();
      this.#user = await this.signIn();
    });
  }

  get app(): ServedApp {
    return existing(this.#app);
  }

  get paypal() {
    return existing(this.#paypal).control;
  }

  get firestore(): Firestore {
    return this.app.stack.firestore;
  }

  get user(): User {
    return existing(this.#user);
  }

  signIn(): Promise<User> {
    return this.app.stack.signIn();
  }

  async call(
    name: string,
    body: object,
    { caller = this.user, headers = {} }: Given = {},
  ): Promise<Pick<Answer<Record<string, unknown>>, 'status' | 'body'>> {
    const { status, body: answered } = await this.app.call<Record<string, unknown>>(
      name,
      body,
      caller ?? undefined,
      { 'content-type': 'application/json', ...headers },
    );
    return { status, body: answered };
  }

  capture(orderId: string, caller: User | null = this.user) {
    return this.call('paypal-captureOrder', { id: orderId }, { caller });
  }

  /** PayPal's id of a new order. */
  async create(amount = 1500): Promise<string> {
    const { status, body } = await this.call('paypal-createOrder', { amount, recaptcha_token: '' });
    expect(status).toBe(200);
    return String(body['id']);
  }

  /** A new order that the buyer has approved. */
  async approved(amount?: number, outcome?: string): Promise<string> {
    const id = await this.create(amount);
    this.paypal.approve(id, outcome);
    return id;
  }

  rows(): Promise<DocumentData[]> {
    return this.app.stack.rows(this.user);
  }

  /** The amounts of the user's rows, the greatest first. */
  async cents(): Promise<number[]> {
    return (await this.rows()).map((row) => Number(row['amount'])).sort((a, b) => b - a);
  }

  balance(): number | null {
    return this.app.retail.control.balance(this.user.uid);
  }

  /** Events are told, as they are when a test begins. */
  async listen(): Promise<void> {
    this.paypal.configureEndpoint({ url: await this.app.functions.url(WEBHOOK) });
  }

  /** No event is told: what comes of the call alone. */
  silence(): void {
    this.paypal.configureEndpoint({ url: null });
  }

  /** What the events told were answered. */
  statuses(): (number | null)[] {
    return this.paypal.deliveries().map(({ status }) => status);
  }
}
