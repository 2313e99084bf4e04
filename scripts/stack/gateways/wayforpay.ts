import { startWayforpay } from '../../../test/standins/wayforpay/server.ts';
import { functionUrl, origin, valueOf } from '../values.ts';
import type { LocalGateway } from './gateway.ts';

const port = 9209;

export const wayforpay: LocalGateway = {
  name: 'wayforpay',
  title: 'WayForPay (stand-in)',
  port,
  parameters: {
    WAYFORPAY_ENABLED: 'true',
    WAYFORPAY_MERCHANT_ACCOUNT: 'merchant_standin',
    WAYFORPAY_DOMAIN: 'localhost',
    WAYFORPAY_CALLBACK_URL: functionUrl('wayforpay-handleWebhookEvents'),
    WAYFORPAY_PAGE_URL: `${origin(port)}/pay`,
    WAYFORPAY_API_URL: `${origin(port)}/api`,
  },
  secrets: { WAYFORPAY_SECRET_KEY: 'wayforpay-standin' },
  start: (values) =>
    startWayforpay({
      port,
      merchantAccount: valueOf(values, 'WAYFORPAY_MERCHANT_ACCOUNT'),
      secretKey: valueOf(values, 'WAYFORPAY_SECRET_KEY'),
      domain: valueOf(values, 'WAYFORPAY_DOMAIN'),
    }),
};
