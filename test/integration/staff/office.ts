import { randomUUID } from 'node:crypto';
import type { StaffUser, User } from '../../../scripts/stack/client.ts';
import { ServedApp } from '../../harness/app.ts';
import { startStripe, type StripeStandin } from '../../standins/stripe/server.ts';
import { writeRows } from '../app/rows.ts';

/** An answer, or a document. */
export type Body = Readonly<Record<string, unknown>>;

/** The served functions with Stripe, a member of the staff, and a user of an app. */
export class Office {
  readonly stripe: StripeStandin;
  readonly app: ServedApp;
  readonly support: StaffUser;

  private constructor(stripe: StripeStandin, app: ServedApp, support: StaffUser) {
    this.stripe = stripe;
    this.app = app;
    this.support = support;
  }

  static async open(): Promise<Office> {
    const stripe = await startStripe({
      apiKey: 'sk_test_standin',
      webhookSecret: 'whsec_standin',
      newId: (prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`,
    });
    const app = await ServedApp.start({
      STRIPE_SECRET_KEY: 'sk_test_standin',
      STRIPE_WEBHOOK_SECRET: 'whsec_standin',
      STRIPE_PUBLISHABLE_KEY: 'pk_test_standin',
      STRIPE_API_URL: stripe.origin,
      // Without a user of its API, so that it cannot be asked.
      PAYEER_MERCHANT_ID: '700112233',
      PAYEER_SECRET_KEY: 'payeer-standin',
      PAYEER_ENCRYPTION_KEY: 'payeer-encryption-standin',
    });
    const url = await app.functions.url('stripe-handleWebhookEvents');
    stripe.control.configureEndpoint({ url });
    return new Office(stripe, app, await app.stack.signInAsStaff('support'));
  }

  async close(): Promise<void> {
    await this.app.stop();
    await this.stripe.stop();
  }

  read(name: string, query: Record<string, string> = {}, caller: User = this.support) {
    return this.app.ask<Body>(name, query, caller);
  }

  act(name: string, body: object, caller: User = this.support) {
    return this.app.call<Body>(name, body, caller);
  }

  document(path: string) {
    return this.app.stack.firestore.doc(path);
  }

  /** The lines of the audit about something. */
  async audit(target: string): Promise<Body[]> {
    const lines = this.app.stack.firestore.collection('tn_audit').where('target', '==', target);
    return (await lines.get()).docs.map((one) => one.data());
  }

  /** Parks an event about nothing else. */
  async park(fields: object = {}): Promise<string> {
    const id = `unusable_stripe_${randomUUID()}`;
    await this.document(`tn_parked_events/${id}`).create({
      gateway: 'stripe',
      event: { id: 'evt_1', type: 'payment_intent.succeeded' },
      row: null,
      reason: 'unusable',
      message: 'odd',
      parked_at: new Date('2020-01-01T00:00:00Z'),
      attempts: 0,
      subjects: [`stripe_${id}`],
      ...fields,
    });
    return id;
  }

  /** Writes a row that the Retail API has refused. */
  async refuse(user: User, fields: object = {}): Promise<string> {
    const id = `stripe_${randomUUID()}`;
    const sync_error = { outcome: 'rejected', status: 400, error_name: 'SomeException' };
    const row = { id, is_synced: false, sync_error, ...fields };
    await writeRows(this.app.stack.firestore, user.uid, [row]);
    return id;
  }
}
