import { startPayeer } from '../../../test/standins/payeer/server.ts';
import { functionUrl, origin, valueOf } from '../values.ts';
import type { LocalGateway } from './gateway.ts';

const port = 9207;

export const payeer: LocalGateway = {
  name: 'payeer',
  title: 'Payeer (stand-in)',
  port,
  parameters: {
    PAYEER_ENABLED: 'true',
    PAYEER_MERCHANT_ID: '700112233',
    PAYEER_ACCOUNT: 'P1000000',
    PAYEER_API_ID: '12345',
    PAYEER_API_BOOKS: 'true',
    PAYEER_API_URL: `${origin(port)}/ajax/api/api.php`,
  },
  secrets: {
    PAYEER_SECRET_KEY: 'payeer-standin',
    PAYEER_ENCRYPTION_KEY: 'payeer-encryption-standin',
    PAYEER_API_PASSWORD: 'payeer-api-standin',
  },
  start: (values) =>
    startPayeer({
      port,
      merchantId: valueOf(values, 'PAYEER_MERCHANT_ID'),
      secretKey: valueOf(values, 'PAYEER_SECRET_KEY'),
      encryptionKey: valueOf(values, 'PAYEER_ENCRYPTION_KEY'),
      apiUser: {
        account: valueOf(values, 'PAYEER_ACCOUNT'),
        apiId: valueOf(values, 'PAYEER_API_ID'),
        apiPass: valueOf(values, 'PAYEER_API_PASSWORD'),
      },
      statusUrl: functionUrl('payeer-handleWebhookEvents'),
    }),
};
