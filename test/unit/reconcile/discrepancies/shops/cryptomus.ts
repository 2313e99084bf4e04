import { openGateway } from '../../../../../functions/src/gateways/cryptomus/gateway.ts';
import { setEnvironment } from '../../../../harness/environment.ts';
import { startCryptomus } from '../../../../standins/cryptomus/server.ts';
import { correction, payment, type Shop, type ShopOptions, type Wanted } from '../shop.ts';

export async function openCryptomus({ books, now }: ShopOptions): Promise<Shop> {
  const merchant = { merchantId: 'cryptomus-merchant', paymentKey: 'cryptomus-payment-key' };
  const standin = await startCryptomus({ ...merchant, now });
  const { control, origin } = standin;
  setEnvironment({
    CRYPTOMUS_MERCHANT_ID: merchant.merchantId,
    CRYPTOMUS_PAYMENT_KEY: merchant.paymentKey,
    CRYPTOMUS_API_URL: origin,
  });
  const begin = async (wanted: Wanted, cents: number) => {
    const order = await books.place('cryptomus', wanted);
    const invoice = { order_id: order.orderId, amount: (cents / 100).toFixed(2), currency: 'USD' };
    const { uuid } = control.make(invoice);
    await books.bind(order, uuid, wanted);
    const asked = { orderId: order.orderId, ref: uuid, paymentId: null };
    return { payment: payment(uuid, wanted, order.orderId), asked };
  };
  const pay = async (wanted: Wanted, cents: number) => {
    const sale = await begin(wanted, cents);
    control.pay(sale.payment.id);
    return sale;
  };
  return {
    name: 'cryptomus',
    gateway: await openGateway(),
    reader: await openGateway({ isReadOnly: true }),
    stop: () => standin.stop(),
    showsPayments: true,
    hasOrders: true,
    isTotal: true,
    // Invoices are listed by the time that they were made.
    listsLateRefunds: false,
    forgetsRefunded: true,
    sell: (wanted) => pay(wanted, wanted.cents),
    strange: async (wanted) => (await begin(wanted, wanted.cents)).payment,
    spoilt: async (wanted) => (await pay(wanted, wanted.cents + 100)).payment.id,
    doubleOf: (id) => `${id}-x`,
    refund: async (sale) => {
      const { id, amountCents } = sale.payment;
      control.refund(id);
      control.endRefund(id);
      return correction('refund', `${id}-refund`, -amountCents, sale);
    },
    refundIdAgain: ({ id, amountCents }) => `${id}-${-amountCents}`,
    growthId: ({ payment: { id, amountCents } }) => `${id}-${amountCents}`,
  };
}
