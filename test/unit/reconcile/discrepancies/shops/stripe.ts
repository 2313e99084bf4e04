import { openGateway } from '../../../../../functions/src/gateways/stripe/gateway.ts';
import { metadataOf } from '../../../../../functions/src/gateways/stripe/intents.ts';
import { projectId } from '../../../../../functions/src/firestore/place.ts';
import { setEnvironment } from '../../../../harness/environment.ts';
import { startStripe } from '../../../../standins/stripe/server.ts';
import { correction, payment, type Shop, type ShopOptions, type Wanted } from '../shop.ts';

export async function openStripe({ books, now }: ShopOptions): Promise<Shop> {
  const apiKey = 'sk_test_standin';
  const standin = await startStripe({ apiKey, webhookSecret: 'whsec_1', now });
  const { control, origin } = standin;
  setEnvironment({
    STRIPE_SECRET_KEY: apiKey,
    STRIPE_WEBHOOK_SECRET: 'whsec_1',
    STRIPE_API_URL: origin,
  });
  /** Disputes by the transaction that took their money. */
  const disputes = new Map<string, string>();
  const hold = async (wanted: Wanted) => {
    const order = await books.place('stripe', wanted);
    const { id } = control.createForeignIntent({
      amount: wanted.cents,
      captureMethod: 'manual',
      metadata: metadataOf(order, projectId()),
    });
    await books.bind(order, id, wanted);
    control.confirm(id);
    const asked = { orderId: order.orderId, ref: id, paymentId: null };
    return { payment: payment(id, wanted, order.orderId), asked };
  };
  const sell = async (wanted: Wanted) => {
    const sale = await hold(wanted);
    control.captureFromDashboard(sale.payment.id);
    return sale;
  };
  return {
    name: 'stripe',
    gateway: await openGateway(),
    reader: await openGateway({ isReadOnly: true }),
    stop: () => standin.stop(),
    showsPayments: true,
    hasOrders: true,
    isTotal: false,
    listsLateRefunds: true,
    sell,
    hold,
    strange: async (wanted) => payment(`pi_unknown${wanted.uid}`, wanted, null),
    spoilt: async (wanted) => {
      const { id } = (await sell(wanted)).payment;
      control.edit(id, { status: 'levitating' });
      return id;
    },
    doubleOf: (id) => `${id}x`,
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
      const { id } = control.dispute(sale.payment.id, { amount: cents });
      const taken = control.withdrawDispute(id).balance_transactions[0]?.id ?? '';
      disputes.set(taken, id);
      return correction('dispute', taken, -cents, sale);
    },
    giveBack: async (sale, { id, amountCents }) => {
      const back = control.winDispute(disputes.get(id) ?? '').balance_transactions.at(-1);
      return correction('dispute_reversed', back?.id ?? '', -amountCents, sale);
    },
  };
}
