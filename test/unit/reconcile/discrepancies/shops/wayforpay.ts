import { openGateway } from '../../../../../functions/src/gateways/wayforpay/gateway.ts';
import { setEnvironment } from '../../../../harness/environment.ts';
import { startWayforpay } from '../../../../standins/wayforpay/server.ts';
import { correction, payment, type Shop, type ShopOptions, type Wanted } from '../shop.ts';

export async function openWayforpay({ books, now }: ShopOptions): Promise<Shop> {
  const account = { merchantAccount: 'synth_merch_1', secretKey: 'wfpSynthKey*2026' };
  const standin = await startWayforpay({
    ...account,
    domain: 'app.example.test',
    now,
  });
  const { control, origin } = standin;
  setEnvironment({
    WAYFORPAY_MERCHANT_ACCOUNT: account.merchantAccount,
    WAYFORPAY_SECRET_KEY: account.secretKey,
    WAYFORPAY_API_URL: `${origin}/api`,
  });
  const begin = async (wanted: Wanted, cents: number) => {
    const order = await books.place('wayforpay', wanted);
    control.createForeignOrder(order.orderId, cents);
    await books.bind(order, `https://secure.example.test/page?vkh=${order.orderId}`, wanted);
    return order.orderId;
  };
  const pay = async (wanted: Wanted, cents: number) => {
    const orderId = await begin(wanted, cents);
    control.pay(orderId);
    const asked = { orderId, ref: null, paymentId: null };
    return { payment: payment(orderId, wanted, orderId), asked };
  };
  return {
    name: 'wayforpay',
    gateway: await openGateway(),
    reader: await openGateway({ isReadOnly: true }),
    stop: () => standin.stop(),
    showsPayments: true,
    hasOrders: true,
    isTotal: true,
    listsLateRefunds: true,
    sell: (wanted) => pay(wanted, wanted.cents),
    strange: async (wanted) => {
      const orderId = await begin(wanted, wanted.cents);
      return payment(orderId, wanted, orderId);
    },
    spoilt: async (wanted) => (await pay(wanted, wanted.cents + 100)).payment.id,
    doubleOf: (id) => `${id}-2`,
    refund: async (sale, cents) => {
      const { id } = sale.payment;
      control.refund(id, cents);
      return correction('refund', `${id}_refund_${cents}`, -cents, sale);
    },
    refundMore: async (sale, first, cents) => {
      const { id } = sale.payment;
      control.refund(id, cents);
      return correction('refund', `${id}_refund_${cents - first.amountCents}`, -cents, sale);
    },
    takeBack: async (sale) => {
      const { id, amountCents } = sale.payment;
      control.become(id, 'Voided');
      return correction('refund', `${id}_refund_${amountCents}`, -amountCents, sale);
    },
    lastNotice: ({ payment: { id } }) => {
      return control.notices().findLast(({ body }) => body.includes(id))?.body ?? '';
    },
  };
}
