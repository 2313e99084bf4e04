import { startPayeer } from '../../../test/standins/payeer/server.ts';
import { functionUrl, valueOf } from '../values.ts';
import type { LocalGateway } from './gateway.ts';

const port = 9207;

export const payeer: LocalGateway = {
  name: 'payeer',
  title: 'Payeer (stand-in)',
  port,
  parameters: { PAYEER_ENABLED: 'true', PAYEER_MERCHANT_ID: '700112233' },
  secrets: {
    PAYEER_SECRET_KEY: 'payeer-standin',
    PAYEER_ENCRYPTION_KEY: 'payeer-encryption-standin',
  },
  start: (values) =>
    startPayeer({
      port,
      merchantId: valueOf(values, 'PAYEER_MERCHANT_ID'),
      secretKey: valueOf(values, 'PAYEER_SECRET_KEY'),
      encryptionKey: valueOf(values, 'PAYEER_ENCRYPTION_KEY'),
      statusUrl: functionUrl('payeer-handleWebhookEvents'),
    }),
};
