import { openGateway } from '../../../../../functions/src/gateways/paypal/gateway.ts';
import { setEnvironment } from '../../../../harness/environment.ts';
import { MERCHANT_ID, startPayPal } from '../../../../standins/paypal/server.ts';
import { correction, payment, type Shop, type ShopOptions, type Wanted } from '../shop.ts';

export async function openPayPal({ books, now }: ShopOptions): Promise<Shop> {
  const ids = { clientId: 'client', clientSecret: 'secret', webhookId: 'WEBHOOK1STANDIN' };
  const standin = await startPayPal({ ...ids, now });
  const { control, origin, signatory } = standin;
  setEnvironment({
    PAYPAL_CLIENT_ID: ids.clientId,
    PAYPAL_CLIENT_SECRET: ids.clientSecret,
    PAYPAL_MERCHANT_ID: MERCHANT_ID,
    PAYPAL_WEBHOOK_ID: ids.webhookId,
    PAYPAL_VERIFICATION: 'offline',
    PAYPAL_TRANSACTION_SEARCH: 'false',
    PAYPAL_API_URL: origin,
    PAYPAL_TRUST_ANCHOR: signatory.anchor,
  });
  const pay = async (wanted: Wanted, cents: number) => {
    const order = await books.place('paypal', wanted);
    const amount = { currency_code: 'USD', value: (cents / 100).toFixed(2) };
    const capture = control.createForeignPayment({ amount, customId: order.orderId });
    const ref = capture.supplementary_data.related_ids.order_id;
    await books.bind(order, ref, wanted);
    const asked = { orderId: order.orderId, ref, paymentId: null };
    return { payment: payment(capture.id, wanted, order.orderId), asked };
  };
  return {
    name: 'paypal',
    gateway: await openGateway(),
    reader: await openGateway({ isReadOnly: true }),
    stop: () => standin.stop(),
    showsPayments: true,
    hasOrders: true,
    isTotal: false,
    listsLateRefunds: true,
    sell: (wanted) => pay(wanted, wanted.cents),
    strange: async (wanted) => payment(`UNKNOWN${wanted.uid.toUpperCase()}`, wanted, null),
    spoilt: async (wanted) => (await pay(wanted, wanted.cents + 100)).payment.id,
    doubleOf: (id) => `${id}X`,
    refund: async (sale, cents) => {
      return correction('refund', control.refund(sale.payment.id, cents).id, -cents, sale);
    },
    refundMore: async (sale, _first, cents) => {
      return correction('refund', control.refund(sale.payment.id, cents).id, -cents, sale);
    },
    failRefund: async (sale, { id, amountCents }) => {
      control.failRefund(id);
      return correction('refund_failed', `${id}-failed`, -amountCents, sale, id);
    },
    dispute: async (sale, cents) => {
      return correction('dispute', control.reverse(sale.payment.id, cents).id, -cents, sale);
    },
    takeBack: async (sale) => {
      const { id, amountCents } = sale.payment;
      control.reverseCapture(id);
      return correction('dispute', `${id}-reversed`, -amountCents, sale);
    },
    payAgain: async ({ payment: first, asked }) => {
      return { ...first, id: control.captureAgain(asked.ref ?? '').id };
    },
  };
}
