import { openGateway } from '../../../../../functions/src/gateways/payeer/gateway.ts';
import { orderIds } from '../../../../../functions/src/gateways/payeer/order-ids.ts';
import { setEnvironment } from '../../../../harness/environment.ts';
import { existing } from '../../../../harness/existing.ts';
import { startPayeer } from '../../../../standins/payeer/server.ts';
import { sign } from '../../../../standins/payeer/signature.ts';
import { payment, type Shop, type ShopOptions, type Wanted } from '../shop.ts';

/** With the user of its API, and with payments booked under the API's numbers. */
export async function openPayeer({ books, now }: ShopOptions): Promise<Shop> {
  const shop = { merchantId: '700112233', secretKey: 'pYsYnthS3cret#01' };
  const apiUser = { account: 'P1000000', apiId: '12345', apiPass: 'payeer-api-standin' };
  const standin = await startPayeer({
    ...shop,
    encryptionKey: 'pYencKey#77',
    statusUrl: null,
    apiUser,
    now,
  });
  const { control, origin } = standin;
  setEnvironment({
    PAYEER_MERCHANT_ID: shop.merchantId,
    PAYEER_SECRET_KEY: shop.secretKey,
    PAYEER_ACCOUNT: apiUser.account,
    PAYEER_API_ID: apiUser.apiId,
    PAYEER_API_PASSWORD: apiUser.apiPass,
    PAYEER_API_URL: `${origin}/ajax/api/api.php`,
    PAYEER_API_BOOKS: 'true',
  });
  control.setPageSize(30);
  const begin = async (wanted: Wanted) => {
    const order = await books.place('payeer', wanted, orderIds);
    await books.bind(order, order.orderId, wanted);
    return order.orderId;
  };
  const pay = async (wanted: Wanted, cents: number) => {
    const orderId = await begin(wanted);
    const form = {
      m_shop: shop.merchantId,
      m_orderid: orderId,
      m_amount: (cents / 100).toFixed(2),
      m_curr: 'USD',
      m_desc: Buffer.from('Top-up').toString('base64'),
    };
    const signed = { ...form, m_sign: sign(shop.secretKey, Object.values(form)) };
    await fetch(`${origin}/merchant/`, { method: 'POST', body: new URLSearchParams(signed) });
    control.pay(orderId);
    const { transactionId } = existing(control.payments(orderId).at(-1));
    const asked = { orderId, ref: orderId, paymentId: null };
    return { payment: payment(transactionId, wanted, orderId), asked };
  };
  return {
    name: 'payeer',
    gateway: await openGateway(),
    reader: await openGateway({ isReadOnly: true }),
    stop: () => standin.stop(),
    showsPayments: true,
    hasOrders: true,
    isTotal: false,
    listsLateRefunds: false,
    sell: (wanted) => pay(wanted, wanted.cents),
    strange: async (wanted) => {
      const orderId = await begin(wanted);
      return payment(`99${orderId}`, wanted, orderId);
    },
    spoilt: async (wanted) => (await pay(wanted, wanted.cents + 100)).payment.id,
    doubleOf: (id) => `${id}9`,
    payAgain: async ({ payment: first }) => {
      control.pay(first.orderId ?? '');
      const { transactionId } = existing(control.payments(first.orderId ?? '').at(-1));
      return { ...first, id: transactionId };
    },
  };
}
