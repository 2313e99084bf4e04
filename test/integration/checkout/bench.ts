import { randomUUID } from 'node:crypto';
import { deleteApp, initializeApp, type App } from 'firebase-admin/app';
import { getAuth, type Auth } from 'firebase-admin/auth';
import type { DocumentData, Timestamp } from 'firebase-admin/firestore';
import type { User } from '../../../scripts/stack/client.ts';
import { origin, ports, PROJECT } from '../../../scripts/stack/values.ts';
import { documentsWith } from '../../harness/documents-with.ts';
import { existing } from '../../harness/existing.ts';
import { collected, logFromNow } from '../../harness/log.ts';
import { keys, startWorld, type World } from '../../harness/world.ts';

export const CREATE = 'stripe-getPaymentIntent';
export const STATUS = 'stripe-getPaymentIntentStatus';
export const APP_ORIGIN = 'https://app.example.com';
/** Open orders that a user may have in an hour. */
export const LIMIT = 3;
export const HOUR_S = 3_600;
/** A part of every body sent, which no log line may hold. */
export const BODY = 'canary-of-the-body';

/** Now, in seconds since the epoch. */
export const seconds = () => Math.floor(Date.now() / 1000);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

interface Request {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
}

/** The functions of a Stripe checkout and their stand-ins; nothing they log may hold a secret. */
export class Bench {
  #world: World | undefined;
  #app: App | undefined;
  #logged: (() => string[]) | undefined;
  /** What no log line may hold: grows with every token and client secret there is. */
  readonly #canaries = new Set<string>([...Object.values(keys), BODY]);

  constructor(environment: Readonly<Record<string, string>> = {}) {
    beforeAll(async () => {
      this.#world = await startWorld({
        APP_ALLOWED_ORIGINS: `http://localhost:3000,${APP_ORIGIN}`,
        OPEN_ORDERS_PER_HOUR: String(LIMIT),
        STRIPE_TIMEOUT_MS: '1000',
        FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${ports.auth}`,
        ...environment,
      });
      this.#app = initializeApp({ projectId: PROJECT }, randomUUID());
    });
    afterAll(async () => {
      await this.world.stop();
      await deleteApp(existing(this.#app));
    });
    beforeEach(() => {
      // Without an endpoint: no webhook arrives.
      this.stripe.reset();
      this.world.retail.control.reset();
      this.#logged = logFromNow();
    });
    afterEach(() => {
      const text = this.logged().join('\n');
      expect([...this.#canaries].filter((canary) => text.includes(canary))).toEqual([]);
    });
  }

  get world(): World {
    return existing(this.#world);
  }

  get stripe() {
    return this.world.stripe.control;
  }

  get auth(): Auth {
    return getAuth(existing(this.#app));
  }

  /** The lines logged in this test. */
  logged(): string[] {
    return existing(this.#logged)();
  }

  /** Calls a function; whatever it answers holds no stack trace and no key of ours. */
  async send(name: string, { method = 'POST', headers, body }: Request): Promise<Answer> {
    const isText = typeof body === 'string' || body === undefined;
    const response = await fetch(await this.world.functions.url(name), {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(text).not.toMatch(/\bat .*:\d+|node_modules|\.[jt]s\b/);
    for (const key of Object.values(keys)) expect(text).not.toContain(key);
    const parsed = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    if (typeof parsed['clientSecret'] === 'string') this.#canaries.add(parsed['clientSecret']);
    return { status: response.status, headers: response.headers, body: parsed };
  }

  call(name: string, user: User, body: object, headers = {}): Promise<Answer> {
    return this.send(name, {
      headers: { authorization: `Bearer ${user.token}`, ...headers },
      body: { recaptcha_token: BODY, platform: 'web', ...body },
    });
  }

  /** Asks for a PaymentIntent. */
  ask(user: User, amount: unknown = 1500, key?: string): Promise<Answer> {
    return this.call(CREATE, user, { amount }, key === undefined ? {} : { 'idempotency-key': key });
  }

  /** Asks for the status of a PaymentIntent. */
  status(user: User, id: unknown): Promise<Answer> {
    return this.call(STATUS, user, { payment_intent_id: id });
  }

  /** The id of a new PaymentIntent. */
  async ordered(user: User): Promise<string> {
    const answer = await this.ask(user);
    expect(answer.status).toBe(200);
    return String(answer.body['id']);
  }

  /** A user as Firebase Auth answers a sign-up or a sign-in. */
  async account(path: string, body: object): Promise<User> {
    const response = await fetch(
      `${origin(ports.auth)}/identitytoolkit.googleapis.com/v1/accounts:${path}?key=local`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, returnSecureToken: true }),
      },
    );
    const { idToken: token } = (await response.json()) as { idToken: string };
    this.#canaries.add(token);
    return { uid: String(claimsOf(token)['sub']), token };
  }

  /** A new anonymous user. */
  signIn(): Promise<User> {
    return this.account('signUp', {});
  }

  /** The token with other claims; tokens of the emulator carry no signature. */
  forged(user: User, changes: Record<string, unknown>): string {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const claims = encode({ ...claimsOf(user.token), ...changes });
    const token = `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`;
    this.#canaries.add(token);
    return token;
  }

  async ordersOf(uid: string): Promise<DocumentData[]> {
    const orders = this.world.firestore.collection('tn_orders');
    return (await documentsWith(orders, 'uid', uid)).map((document) => document.data());
  }

  /** Makes every order of a user older. */
  async age(uid: string, ms: number): Promise<void> {
    for (const order of await this.ordersOf(uid)) {
      const created = order['created_at'] as Timestamp;
      const document = this.world.firestore.collection('tn_orders').doc(String(order['order_id']));
      await document.update({ created_at: new Date(created.toMillis() - ms) });
    }
  }

  intentsOf(uid: string) {
    return this.stripe.intents().filter(({ metadata }) => metadata['uid'] === uid);
  }
}

export const inBrief = ({ status, body }: Answer): unknown[] => [status, body['errorName']];

function claimsOf(token: string): Record<string, unknown> {
  const [, claims = ''] = token.split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
}

/** Fails when a line logged in this test file has a field that no line should have. */
export function expectAllowedFields(): void {
  const names = new Set(collected().flatMap((line) => Object.keys(JSON.parse(line) as object)));
  const allowed = ['severity', 'message', 'function', 'gateway', 'event_id', 'event_type'];
  allowed.push(
    'payment_id',
    'outcome',
    'reason',
    'status',
    'error',
    'error_name',
    'cause',
    'frames',
    'next_step',
  );
  expect([...names].filter((name) => !allowed.includes(name))).toEqual([]);
}
