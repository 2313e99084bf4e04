import { randomUUID } from 'node:crypto';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getFirestore, type DocumentData, type Firestore } from 'firebase-admin/firestore';
import { ports, origin } from '../../scripts/stack/values.ts';
import type { FirestoreControl } from '../../scripts/stack/stack.ts';
import { remote, type Remote } from '../standins/control.ts';
import { startRetailApi, type RetailApi } from '../standins/retail-api.ts';
import { startStripe, type StripeStandin } from '../standins/stripe/server.ts';
import { serveFunctions, type ServedFunctions } from './functions.ts';

export const keys = {
  stripe: 'sk_test_standin',
  webhook: 'whsec_standin',
  retail: 'retail-standin',
} as const;

/** The deployed functions in this process, and everybody they talk to. */
export interface World {
  readonly stripe: StripeStandin;
  readonly retail: RetailApi;
  readonly functions: ServedFunctions;
  readonly firestore: Firestore;
  /** Of the embedded Firestore alone. */
  readonly firestoreControl: Remote<FirestoreControl>;
  /** Where Stripe's events arrive. */
  readonly webhookUrl: string;
  stop(): Promise<void>;
}

/** A uid that no other test uses. */
export function newUid(): string {
  return `u${randomUUID().replaceAll('-', '').slice(0, 27)}`;
}

export async function startWorld(
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<World> {
  const stripe = await startStripe({
    apiKey: keys.stripe,
    webhookSecret: keys.webhook,
    // Ids of the stand-in become ids of rows, and the suites share one Firestore.
    newId: (prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`,
  });
  const retail = await startRetailApi({ apiKey: keys.retail });
  const functions = await serveFunctions({
    PAYMENTS_MODE: 'test',
    STRIPE_SECRET_KEY: keys.stripe,
    STRIPE_WEBHOOK_SECRET: keys.webhook,
    STRIPE_PUBLISHABLE_KEY: 'pk_test_standin',
    STRIPE_API_URL: stripe.origin,
    PLATFONE_API_KEY: keys.retail,
    PLATFONE_API_URL: retail.url,
    PLATFONE_CALLS_PER_SECOND: '1000',
    PLATFONE_BALANCE_CACHE_MS: '0',
    ...environment,
  });
  const webhookUrl = await functions.url('stripe-handleWebhookEvents');
  stripe.control.configureEndpoint({ url: webhookUrl });
  const app = initializeApp({ projectId: 'demo-temp-number' }, randomUUID());
  return {
    stripe,
    retail,
    functions,
    firestore: getFirestore(app, environment['FIRESTORE_DATABASE'] ?? '(default)'),
    firestoreControl: remote(origin(ports.firestoreControl)),
    webhookUrl,
    stop: async () => {
      await functions.stop();
      await stripe.stop();
      await retail.stop();
      await deleteApp(app);
    },
  };
}

/** The user's rows as `kind cents`, in the order they were written. */
export async function rowsOf({ firestore }: World, uid: string): Promise<DocumentData[]> {
  const rows = firestore.collection('tn_payments').where('uid', '==', uid);
  return (await rows.orderBy('created_at', 'desc').get()).docs
    .sort((a, b) => a.createTime.toMillis() - b.createTime.toMillis())
    .map((document) => document.data());
}

export function inShort(rows: readonly DocumentData[]): string[] {
  return rows.map((row) => `${String(row['kind'])} ${String(row['amount'])}`);
}

/** What was parked of one event, or about one payment. */
export async function parkedOf({ firestore }: World, id: string): Promise<DocumentData[]> {
  const found = await firestore.collection('tn_parked_events').get();
  return found.docs.filter((one) => one.id.includes(id)).map((one) => one.data());
}

/** A PaymentIntent as `getPaymentIntent` makes it, without the client call. */
export function intentOf(
  { stripe }: World,
  uid: string,
  { amount = 1500, ...metadata }: { amount?: number; [field: string]: unknown } = {},
): string {
  const intent = stripe.control.createForeignIntent({
    amount,
    captureMethod: 'manual',
    metadata: {
      purpose: 'balance_topup',
      deployment: 'demo-temp-number',
      uid,
      order_id: 'order1',
      ...(metadata as object),
    },
  });
  return intent.id;
}
