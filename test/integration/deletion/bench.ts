import { randomUUID } from 'node:crypto';
import { deleteApp, initializeApp, type App } from 'firebase-admin/app';
import { getAuth, type Auth } from 'firebase-admin/auth';
import type { DocumentData, DocumentReference } from 'firebase-admin/firestore';
import { ERASED } from '../../../functions/src/ids.ts';
import { StackClient, type User } from '../../../scripts/stack/client.ts';
import { ports, PROJECT } from '../../../scripts/stack/values.ts';
import { existing } from '../../harness/existing.ts';
import { logFromNow } from '../../harness/log.ts';
import { startWorld, type World } from '../../harness/world.ts';
import { startWayforpay, type WayforpayStandin } from '../../standins/wayforpay/server.ts';

const APP_ORIGIN = 'https://app.example.test';
const RETURNS = { url_return: `${APP_ORIGIN}/funds`, url_success: `${APP_ORIGIN}/funds?ok` };

export const LATE_MONEY = 'a payment came for a deleted account: pay it back';

/** How `app-deleteCustomer` answers. */
export const DELETED = [200, { result: 'success' }];
export const REFUSED = [401, expect.objectContaining({ errorName: 'UnauthorizedException' })];

interface Found {
  readonly path: string;
  readonly fields: DocumentData;
  readonly version: string;
}

interface Parts {
  readonly wayforpay: WayforpayStandin;
  readonly world: World;
  readonly stack: StackClient;
  readonly app: App;
}

/** Customers who pay through Stripe and WayForPay and are deleted; no log line may name one. */
export class Bench {
  #parts: Parts | undefined;
  #logged: (() => string[]) | undefined;
  #users: User[] = [];

  constructor() {
    beforeAll(async () => {
      this.#parts = await start();
    });
    afterAll(async () => {
      const { world, wayforpay, stack, app } = this.parts;
      await world.stop();
      await wayforpay.stop();
      await stack.close();
      await deleteApp(app);
    });
    beforeEach(() => {
      this.world.retail.control.reset();
      this.wayforpay.reset();
      this.#logged = logFromNow();
      this.#users = [];
    });
    afterEach(() => {
      const text = existing(this.#logged)().join('\n');
      const named = this.#users.filter(
        ({ uid, token }) => text.includes(uid) || text.includes(token),
      );
      expect(named).toEqual([]);
    });
  }

  get parts(): Parts {
    return existing(this.#parts);
  }

  get world(): World {
    return this.parts.world;
  }

  get stripe() {
    return this.world.stripe.control;
  }

  get wayforpay() {
    return this.parts.wayforpay.control;
  }

  get stack(): StackClient {
    return this.parts.stack;
  }

  get auth(): Auth {
    return getAuth(this.parts.app);
  }

  async signIn(): Promise<User> {
    const user = await this.stack.signIn();
    this.#users.push(user);
    return user;
  }

  async deleteCustomer({ token }: User, method = 'DELETE'): Promise<[number, unknown]> {
    const response = await fetch(await this.world.functions.url('app-deleteCustomer'), {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    return [response.status, await response.json()];
  }

  /** The id of a PaymentIntent that the user has asked for, and perhaps paid. */
  async stripeIntent(user: User, { pay = true } = {}): Promise<string> {
    const { id } = await this.#send('stripe-getPaymentIntent', user, { amount: 1500 });
    if (!pay) return String(id);
    this.stripe.confirm(String(id));
    await this.stripe.idle();
    return String(id);
  }

  /** The id of an order at WayForPay that the user has placed, and perhaps paid. */
  async wayforpayOrder(user: User, { pay = true } = {}): Promise<string> {
    await this.#send('wayforpay-createPayment', user, { amount: 1250, ...RETURNS });
    const order = await this.stack.lastOrder(user);
    if (!pay) return order;
    this.wayforpay.pay(order);
    await this.wayforpay.idle();
    return order;
  }

  /** Every document, in whatever collection, that holds the text in its name or in a field. */
  async holding(text: string): Promise<Found[]> {
    const found: Found[] = [];
    for (const collection of await this.world.firestore.listCollections()) {
      for (const document of (await collection.get()).docs) {
        const { path } = document.ref;
        const fields = document.data();
        if (!`${path} ${JSON.stringify(fields)}`.includes(text)) continue;
        found.push({ path, fields, version: document.updateTime.toDate().toISOString() });
      }
    }
    return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Where the user is still named. */
  async paths(user: User): Promise<string[]> {
    return (await this.holding(user.uid)).map(({ path }) => path);
  }

  tombstoneOf({ uid }: User): DocumentReference {
    return this.world.firestore.collection('tn_deletions').doc(uid);
  }

  /** Runs the schedule once the user's deletion is due. */
  async eraseCustomers(user: User): Promise<void> {
    await this.tombstoneOf(user).update({ next_run_at: new Date(0) });
    await this.world.functions.runSchedule('app-eraseCustomers');
  }

  async payment(id: string): Promise<DocumentData> {
    return (await this.world.firestore.collection('tn_payments').doc(id).get()).data() ?? {};
  }

  async corrections(paymentId: string): Promise<DocumentData[]> {
    const payments = this.world.firestore.collection('tn_payments');
    const found = await payments.where('parent_id', '==', paymentId).get();
    return found.docs.map((row) => row.data());
  }

  /** Calls of the Retail API about the user, or about the word that stands for erased users. */
  pushesTo({ uid }: User): number {
    const requests = this.world.retail.control.requests();
    return requests.filter(({ customerId }) => customerId === uid || customerId === ERASED).length;
  }

  /** The lines logged in this test with a message. */
  linesOf(message: string): Record<string, unknown>[] {
    return existing(this.#logged)()
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['message'] === message);
  }

  async #send(name: string, user: User, body: object): Promise<Record<string, unknown>> {
    const response = await fetch(await this.world.functions.url(name), {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}` },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as Record<string, unknown>;
  }
}

async function start(): Promise<Parts> {
  const wayforpay = await startWayforpay({
    merchantAccount: 'merchant_standin',
    secretKey: 'wayforpay-standin',
    domain: 'app.example.test',
  });
  const world = await startWorld({
    APP_ALLOWED_ORIGINS: APP_ORIGIN,
    FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${ports.auth}`,
    PUSH_BUDGET_MS: '1000',
    WAYFORPAY_MERCHANT_ACCOUNT: 'merchant_standin',
    WAYFORPAY_SECRET_KEY: 'wayforpay-standin',
    WAYFORPAY_DOMAIN: 'app.example.test',
    WAYFORPAY_CALLBACK_URL: 'https://set.below.example.test',
    WAYFORPAY_PAGE_URL: `${wayforpay.origin}/pay`,
    WAYFORPAY_API_URL: `${wayforpay.origin}/api`,
  });
  const callback = await world.functions.url('wayforpay-handleWebhookEvents');
  process.env['WAYFORPAY_CALLBACK_URL'] = callback;
  const stack = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
  const app = initializeApp({ projectId: PROJECT }, randomUUID());
  return { wayforpay, world, stack, app };
}
