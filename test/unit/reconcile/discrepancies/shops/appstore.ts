import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { openCheckout } from '../../../../../functions/src/gateways/appstore/checkout.ts';
import { openGateway } from '../../../../../functions/src/gateways/appstore/gateway.ts';
import { accountToken } from '../../../../../functions/src/stores/account-token.ts';
import { openReceipts } from '../../../../../functions/src/stores/receipts.ts';
import { setEnvironment } from '../../../../harness/environment.ts';
import { newAuthority } from '../../../../standins/appstore/authority.ts';
import { startAppStore } from '../../../../standins/appstore/server.ts';
import { correction, payment, type Held, type Sale, type Shop, type Wanted } from '../shop.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const bundleId = 'com.example.numbers';
/** Of the catalogue, US cents. */
const PRODUCT = { id: 'credits_1000', cents: 1000 };
const WHOLE = 100_000;

export async function openAppStore({ now }: { readonly now: () => number }): Promise<Shop> {
  const authority = newAuthority();
  const standin = await startAppStore({
    app: { bundleId, environment: 'Sandbox' },
    authority,
    apiKey: { publicKey: createPublicKey(key), keyId: 'KEYID', issuerId: 'issuer', bundleId },
    now,
  });
  const { control, origin } = standin;
  setEnvironment({
    APPSTORE_BUNDLE_ID: bundleId,
    APPSTORE_ROOT_CERTIFICATE: authority.root.der.toString('base64'),
    APPSTORE_PRIVATE_KEY: key,
    APPSTORE_KEY_ID: 'KEYID',
    APPSTORE_ISSUER_ID: 'issuer',
    APPSTORE_API_URL: origin,
  });
  const checkout = openCheckout();
  /** Bought by a user who has bought before, and notified. */
  const buy = async ({ uid }: Wanted, productId: string) => {
    const appAccountToken = accountToken(uid);
    await openReceipts('appstore').claim(`earlier-${uid}`, { uid, accountToken: appAccountToken });
    const { transactionId } = control.buy({ productId, appAccountToken });
    control.notify('ONE_TIME_CHARGE', transactionId);
    return transactionId;
  };
  const idOf = ({ payment: { id } }: Sale) => id.replace('sandbox-', '');
  const refund = (sale: Sale, cents: number, before: readonly Held[]) => {
    const refunded = before.reduce((sum, { amountCents }) => sum - amountCents, cents);
    control.refund(idOf(sale), (refunded * WHOLE) / PRODUCT.cents);
    const id = `${sale.payment.id}-refund-${before.length + 1}`;
    return correction('refund', id, -cents, sale);
  };
  return {
    name: 'appstore',
    gateway: openGateway(),
    reader: openGateway({ isReadOnly: true }),
    stop: () => standin.stop(),
    showsPayments: true,
    hasOrders: false,
    isTotal: false,
    listsLateRefunds: true,
    sell: async (wanted) => {
      const id = `sandbox-${await buy(wanted, PRODUCT.id)}`;
      const asked = { orderId: null, ref: null, paymentId: id };
      return { payment: payment(id, { ...wanted, cents: PRODUCT.cents }, null), asked };
    },
    claim: async (sale) => {
      const signed_transaction = control.signedTransaction(idOf(sale));
      const caller = { uid: sale.payment.uid } as Parameters<
        typeof checkout.createTransaction
      >[0]['caller'];
      await checkout.createTransaction({
        input: { signed_transaction },
        caller,
        idempotencyKey: undefined,
      });
    },
    strange: async (wanted) => payment(`sandbox-9990${wanted.uid.slice(1)}`, wanted, null),
    spoilt: async (wanted) => `sandbox-${await buy(wanted, 'not_in_catalogue')}`,
    doubleOf: (id) => `${id}9`,
    refund: async (sale, cents) => refund(sale, cents, []),
    refundMore: async (sale, first, cents) => refund(sale, cents, [first]),
    giveBack: async (sale, { amountCents }) => {
      control.reverseRefund(idOf(sale));
      const id = `${sale.payment.id}-refund_reversed-2`;
      return correction('refund_reversed', id, -amountCents, sale);
    },
  };
}
