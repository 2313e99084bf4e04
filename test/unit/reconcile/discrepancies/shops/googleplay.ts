import { openCheckout } from '../../../../../functions/src/gateways/googleplay/checkout.ts';
import { openGateway } from '../../../../../functions/src/gateways/googleplay/gateway.ts';
import { accountToken } from '../../../../../functions/src/stores/account-token.ts';
import { setEnvironment } from '../../../../harness/environment.ts';
import { existing } from '../../../../harness/existing.ts';
import { keyFile, newKey } from '../../../../standins/googleplay/keys.ts';
import { startGooglePlay } from '../../../../standins/googleplay/server.ts';
import { correction, payment, type Sale, type Shop } from '../shop.ts';

const key = newKey();
/** Of the catalogue, US cents for a piece. */
const PRODUCT = { id: 'credits_500', cents: 500 };
const PIECES = 4;

export async function openGooglePlay({ now }: { readonly now: () => number }): Promise<Shop> {
  const account = { email: 'play@standin.iam.gserviceaccount.com', privateKey: key.privateKey };
  const push = {
    audience: 'https://payments.example.com/push',
    sender: 'push@standin.iam.gserviceaccount.com',
  };
  const packageName = 'com.example.numbers';
  const standin = await startGooglePlay({ packageName, account, ...push, now });
  const { control, origin } = standin;
  control.hold(true);
  control.setPageSize(5);
  setEnvironment({
    GOOGLE_PLAY_PACKAGE_NAME: packageName,
    GOOGLE_PLAY_SECRET_FILE: keyFile(account.email, account.privateKey),
    GOOGLE_PLAY_PUSH_AUDIENCE: push.audience,
    GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT: push.sender,
    GOOGLE_PLAY_API_URL: origin,
  });
  const checkout = openCheckout();
  /** The tokens of purchases, by the id of their payment. */
  const tokens = new Map<string, string>();
  const tokenOf = ({ payment: { id } }: Sale) => existing(tokens.get(id));
  const shop: Shop = {
    name: 'googleplay',
    gateway: openGateway(),
    reader: openGateway({ isReadOnly: true }),
    stop: () => standin.stop(),
    showsPayments: false,
    hasOrders: false,
    isTotal: false,
    listsLateRefunds: true,
    sell: async ({ uid }) => {
      const accountId = accountToken(uid);
      const sale = control.buy({ productId: PRODUCT.id, quantity: PIECES, accountId });
      const id = sale.orderId ?? '';
      tokens.set(id, sale.token);
      const asked = { orderId: null, ref: null, paymentId: id };
      return { payment: payment(id, { uid, cents: PIECES * PRODUCT.cents }, null), asked };
    },
    claim: async (sale) => {
      const input = { purchase_token: tokenOf(sale), product_id: PRODUCT.id };
      const caller = { uid: sale.payment.uid } as Parameters<
        typeof checkout.createTransaction
      >[0]['caller'];
      await checkout.createTransaction({ input, caller, idempotencyKey: undefined });
    },
    strange: async (wanted) => payment(`GPA.9999-1111-2222-${wanted.uid.slice(1)}`, wanted, null),
    /** A credited purchase, of which Google pays back an amount and no piece. */
    spoilt: async (wanted) => {
      const sale = await shop.sell(wanted);
      await shop.claim?.(sale);
      control.edit(tokenOf(sale), { orderState: 'PARTIALLY_REFUNDED' });
      return sale.payment.id;
    },
    doubleOf: (id) => `${id}..1`,
    refund: async (sale, cents) => {
      control.void(tokenOf(sale), Math.ceil(cents / PRODUCT.cents));
      const pieces = Math.ceil(cents / PRODUCT.cents);
      return correction('refund', `${sale.payment.id}-refund-1`, -pieces * PRODUCT.cents, sale);
    },
    refundMore: async (sale) => {
      control.void(tokenOf(sale), 1);
      return correction('refund', `${sale.payment.id}-refund-2`, -PRODUCT.cents, sale);
    },
  };
  return shop;
}
