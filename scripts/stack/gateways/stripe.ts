import { startStripe } from '../../../test/standins/stripe/server.ts';
import { functionUrl, origin, valueOf } from '../values.ts';
import type { LocalGateway } from './gateway.ts';

const port = 9201;

export const stripe: LocalGateway = {
  name: 'stripe',
  title: 'Stripe (stand-in)',
  port,
  parameters: {
    STRIPE_ENABLED: 'true',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_standin',
    STRIPE_API_URL: origin(port),
  },
  secrets: { STRIPE_SECRET_KEY: 'sk_test_standin', STRIPE_WEBHOOK_SECRET: 'whsec_standin' },
  start: (values) =>
    startStripe({
      port,
      apiKey: valueOf(values, 'STRIPE_SECRET_KEY'),
      publishableKey: valueOf(values, 'STRIPE_PUBLISHABLE_KEY'),
      // While one secret replaces another, Stripe signs with the old and the new one.
      webhookSecret: valueOf(values, 'STRIPE_WEBHOOK_SECRET').split(','),
      webhookUrl: functionUrl('stripe-handleWebhookEvents'),
    }),
};
