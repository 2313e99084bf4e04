import { MERCHANT_ID, startPayPal } from '../../../test/standins/paypal/server.ts';
import { createSignatory } from '../../../test/standins/paypal/signing.ts';
import { functionUrl, origin, valueOf } from '../values.ts';
import type { LocalGateway } from './gateway.ts';

const port = 9203;

/** The functions must know the authority before the stand-in signs with it. */
const signatory = createSignatory();

export const paypal: LocalGateway = {
  name: 'paypal',
  title: 'PayPal (stand-in)',
  port,
  parameters: {
    PAYPAL_ENABLED: 'true',
    PAYPAL_CLIENT_ID: 'client-standin',
    PAYPAL_MERCHANT_ID: MERCHANT_ID,
    PAYPAL_WEBHOOK_ID: 'WEBHOOK1STANDIN',
    PAYPAL_API_URL: origin(port),
    PAYPAL_TRUST_ANCHOR: signatory.anchor,
  },
  secrets: { PAYPAL_CLIENT_SECRET: 'secret-standin' },
  start: (values) =>
    startPayPal({
      port,
      clientId: valueOf(values, 'PAYPAL_CLIENT_ID'),
      clientSecret: valueOf(values, 'PAYPAL_CLIENT_SECRET'),
      webhookId: valueOf(values, 'PAYPAL_WEBHOOK_ID'),
      webhookUrl: functionUrl('paypal-handleWebhookEvents'),
      signatory,
    }),
};
