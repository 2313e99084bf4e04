import { startAnypay } from '../../../test/standins/anypay/server.ts';
import { functionUrl, origin, valueOf } from '../values.ts';
import type { LocalGateway } from './gateway.ts';

const port = 9208;

export const anypay: LocalGateway = {
  name: 'anypay',
  title: 'AnyPay (stand-in)',
  port,
  parameters: {
    ANYPAY_ENABLED: 'true',
    ANYPAY_PROJECT_ID: '14077',
    ANYPAY_SIGN_TYPE: 'md5',
    ANYPAY_API_ID: 'api-id-standin',
    ANYPAY_API_URL: `${origin(port)}/api`,
  },
  secrets: { ANYPAY_SECRET_KEY: 'anypay-standin', ANYPAY_API_KEY: 'anypay-api-standin' },
  start: (values) =>
    startAnypay({
      port,
      projectId: valueOf(values, 'ANYPAY_PROJECT_ID'),
      secretKey: valueOf(values, 'ANYPAY_SECRET_KEY'),
      signType: valueOf(values, 'ANYPAY_SIGN_TYPE') === 'sha256' ? 'sha256' : 'md5',
      apiId: valueOf(values, 'ANYPAY_API_ID'),
      apiKey: valueOf(values, 'ANYPAY_API_KEY'),
      noticeUrl: functionUrl('anypay-handleWebhookEvents'),
    }),
};
