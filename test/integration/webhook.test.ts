import { serveFunctions, type ServedFunctions } from '../harness/functions.ts';
import { startRetailApi, type RetailApi } from '../standins/retail-api.ts';
import { startStripe, type StripeStandin } from '../standins/stripe/server.ts';

let stripe: StripeStandin;
let retail: RetailApi;
let functions: ServedFunctions;

beforeAll(async () => {
  stripe = await startStripe({ apiKey: 'sk_test_standin', webhookSecret: 'whsec_standin' });
  retail = await startRetailApi({ apiKey: 'retail-standin' });
  functions = await serveFunctions({
    PAYMENTS_MODE: 'test',
    STRIPE_SECRET_KEY: 'sk_test_standin',
    STRIPE_WEBHOOK_SECRET: 'whsec_standin',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_standin',
    STRIPE_API_URL: stripe.origin,
    PLATFONE_API_KEY: 'retail-standin',
    PLATFONE_API_URL: retail.url,
  });
  stripe.control.configureEndpoint({ url: await functions.url('stripe-handleWebhookEvents') });
});

afterAll(async () => {
  await functions.stop();
  await stripe.stop();
  await retail.stop();
});

test('a payment reaches the balance', async () => {
  const { id } = stripe.control.createForeignIntent({
    captureMethod: 'manual',
    metadata: { purpose: 'balance_topup', uid: 'user1', order_id: 'order1' },
  });
  stripe.control.confirm(id);
  await stripe.control.idle();
  expect(stripe.control.deliveries().map(({ status }) => status)).not.toContain(500);
  expect(retail.control.balance('user1')).toBe(1500);
  await functions.runSchedule('sync-retryUnsynced');
});
