import { startCryptomus } from '../../../test/standins/cryptomus/server.ts';
import { functionUrl, origin, valueOf } from '../values.ts';
import type { LocalGateway } from './gateway.ts';

const port = 9204;

export const cryptomus: LocalGateway = {
  name: 'cryptomus',
  title: 'Cryptomus (stand-in)',
  port,
  parameters: {
    CRYPTOMUS_ENABLED: 'true',
    CRYPTOMUS_MERCHANT_ID: 'cryptomus-merchant-standin',
    CRYPTOMUS_CALLBACK_URL: functionUrl('cryptomus-handleWebhookEvents'),
    CRYPTOMUS_CREDIT_UNDERPAID: 'true',
    CRYPTOMUS_API_URL: origin(port),
  },
  secrets: { CRYPTOMUS_PAYMENT_KEY: 'cryptomus-payment-key-standin' },
  start: (values) =>
    startCryptomus({
      port,
      merchantId: valueOf(values, 'CRYPTOMUS_MERCHANT_ID'),
      paymentKey: valueOf(values, 'CRYPTOMUS_PAYMENT_KEY'),
    }),
};
