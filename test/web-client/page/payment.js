import { awaitRise, showBalance, showTransactions } from './balance.js';
import { inDollars } from './money.js';
import { tell } from './notice.js';
import { payByAnypay, payByCryptomus, payByPayeer, payByWayforpay } from './payment-pages.js';
import { payByPayPal } from './paypal.js';
import { buyInAppStore, buyInGooglePlay } from './stores.js';
import { payByCard, statusOf } from './stripe.js';

const BEFORE = 'balance-before-payment';

/**
 * How the user may pay. Where the backend publishes a key of a gateway, its absence means closed.
 * @type {readonly { name: string, key?: string, title: string, pay: (amount: number, card: string) => Promise<void> }[]}
 */
export const gateways = [
  { name: 'stripe', key: 'stripePublishableKey', title: 'Card', pay: payByCard },
  { name: 'paypal', key: 'paypalClientId', title: 'PayPal', pay: payWithPayPal },
  { name: 'cryptomus', key: 'cryptomusMerchantId', title: 'Cryptomus', pay: payByCryptomus },
  { name: 'payeer', key: 'payeerMerchantId', title: 'Payeer', pay: payByPayeer },
  { name: 'anypay', key: 'anypayProjectId', title: 'AnyPay', pay: payByAnypay },
  { name: 'wayforpay', title: 'WayForPay', pay: payByWayforpay },
];

/**
 * Stores sell products, each at its own price.
 * @type {readonly { name: string, title: string, buy: (productId: string) => Promise<void> }[]}
 */
export const stores = [
  { name: 'appstore', title: 'App Store', buy: buyInAppStore },
  { name: 'googleplay', title: 'Google Play', buy: buyInGooglePlay },
];

/**
 * Pays; most ways lead away from this page and back to it.
 * @param {(typeof gateways)[number]} gateway
 * @param {number} amount cents
 * @param {string} card
 */
export async function pay(gateway, amount, card) {
  tell(`Paying ${inDollars(amount)} …`);
  await rememberBalance();
  await gateway.pay(amount, card);
}

/** @param {(typeof stores)[number]} store @param {string} productId */
export async function buyIn(store, productId) {
  tell(`Buying in ${store.title} …`);
  await rememberBalance();
  await store.buy(productId);
  await follow();
}

async function rememberBalance() {
  sessionStorage.setItem(BEFORE, String((await showBalance()).total));
}

/** Another user's payment is not resumed. */
export function forgetPayment() {
  sessionStorage.removeItem(BEFORE);
}

/** @param {number} amount */
async function payWithPayPal(amount) {
  const status = await payByPayPal(amount);
  if (status === 'review') tell('PayPal holds the money back for now.');
  else await follow();
}

/** Goes on where the payment page has sent the user back. @param {URLSearchParams} returned */
export async function resume(returned) {
  const intent = returned.get('payment_intent');
  if (intent !== null) await resumeCard(intent);
  else if (returned.get('outcome') === 'paid') await follow();
  else if (returned.has('outcome')) tell('You have left the payment page: nothing was paid.');
}

/** @param {string} intent */
async function resumeCard(intent) {
  const status = await statusOf(intent);
  if (status === 'paid') await follow();
  else if (status === 'review') tell('The payment is being reviewed, usually for 1–2 hours.');
  else tell(`The payment is ${status}.`, 'failure');
}

/** Waits for the money to arrive on the balance. */
async function follow() {
  tell('The payment is made; the money is on its way …');
  const risen = await awaitRise(Number(sessionStorage.getItem(BEFORE)));
  await showTransactions();
  if (risen > 0) tell(`${inDollars(risen)} has arrived.`, 'success');
  else tell('The money takes its time. It is added to the balance when it is here.');
}
