import { openGateway } from '../../../../../functions/src/gateways/anypay/gateway.ts';
import { orderIds } from '../../../../../functions/src/gateways/anypay/order-ids.ts';
import { setEnvironment } from '../../../../harness/environment.ts';
import { startAnypay } from '../../../../standins/anypay/server.ts';
import { correction, payment, type Shop, type ShopOptions, type Wanted } from '../shop.ts';

export async function openAnypay({ books, now }: ShopOptions): Promise<Shop> {
  const project = { projectId: '14077', secretKey: 'aPsYnthSecret9', signType: 'sha256' as const };
  const api = { apiId: 'APIID01SYNTH', apiKey: 'APIKEYsynth77' };
  const standin = await startAnypay({ ...project, ...api, noticeUrl: null, now });
  const { control, origin } = standin;
  setEnvironment({
    ANYPAY_PROJECT_ID: project.projectId,
    ANYPAY_SIGN_TYPE: project.signType,
    ANYPAY_SECRET_KEY: project.secretKey,
    ANYPAY_API_ID: api.apiId,
    ANYPAY_API_KEY: api.apiKey,
    ANYPAY_API_URL: `${origin}/api`,
  });
  control.setPageSize(40);
  const begin = async (wanted: Wanted) => {
    const order = await books.place('anypay', wanted, orderIds);
    await books.bind(order, order.orderId, wanted);
    control.createForeignPayment(order.orderId, wanted.cents / 100);
    return order.orderId;
  };
  const sell = async (wanted: Wanted) => {
    const orderId = await begin(wanted);
    const id = String(control.pay(orderId).transaction_id);
    const asked = { orderId, ref: orderId, paymentId: null };
    return { payment: payment(id, wanted, orderId), asked };
  };
  return {
    name: 'anypay',
    gateway: await openGateway(),
    reader: await openGateway({ isReadOnly: true }),
    stop: () => standin.stop(),
    showsPayments: true,
    hasOrders: true,
    isTotal: false,
    listsLateRefunds: true,
    sell,
    strange: async (wanted) => {
      const orderId = await begin(wanted);
      return payment(`77${orderId}`, wanted, orderId);
    },
    spoilt: async (wanted) => {
      const { payment: sold } = await sell(wanted);
      control.become(sold.orderId ?? '', 'partially-paid');
      return sold.id;
    },
    doubleOf: (id) => `${id}9`,
    refund: async (sale) => {
      const { id, orderId, amountCents } = sale.payment;
      control.become(orderId ?? '', 'refund');
      return correction('refund', `${id}_refund`, -amountCents, sale);
    },
    payAgain: async ({ payment: first }) => {
      return { ...first, id: String(control.pay(first.orderId ?? '').transaction_id) };
    },
  };
}
