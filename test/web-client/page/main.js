import { showBalance, showNothing, showTransactions } from './balance.js';
import { get } from './calls.js';
import { showMails } from './mails.js';
import { centsOf, inDollars } from './money.js';
import { tell, tellFailure, tellNothing } from './notice.js';
import { buyIn, forgetPayment, gateways, pay, resume, stores } from './payment.js';
import * as session from './session.js';
import { cards } from './stripe.js';
import { surroundings } from './surroundings.js';
import { busyWith, buttonsOf, byId, fill, formOf, valueIn } from './view.js';

fill(
  'card',
  cards.map(({ number, title }) => ({ value: number, title })),
);
fill(
  'product',
  surroundings.products.map(({ id, cents }) => ({
    value: id,
    title: `${id}, ${inDollars(cents)}`,
  })),
);

onPress('guest', session.signInAsGuest);
onPress('sign-out', session.signOut);
onPress('forgotten', resetPassword);
onPress('verified', async () => {
  await session.refreshUser();
  await showUser();
  const user = await session.currentUser();
  if (user !== null && session.isUnverified(user)) throw new Error('It is not verified yet.');
  tell('Your e-mail address is verified.', 'success');
});
onPress('send-again', async () => {
  await session.sendVerification();
  await showUser();
  tell('The e-mail is sent once more.', 'success');
});
byId('account').addEventListener('submit', (event) => {
  event.preventDefault();
  const act = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value;
  doing(act === 'sign-up' ? signUp : signIn);
});
byId('payment').addEventListener('submit', (event) => {
  event.preventDefault();
});

// The payment page's fields are for once: a reload must not ask again.
const returned = new URLSearchParams(location.search);
history.replaceState(null, '', location.pathname);

/** @type {string | undefined} */
let shownUid;

await during(showWaysToPay);
session.onUserChanged(() => void during(showUser));
if ((await session.currentUser()) !== null) await during(() => resume(returned));

async function signIn() {
  await session.signIn(valueIn('account', 'email'), valueIn('account', 'password'));
}

async function signUp() {
  const email = valueIn('account', 'email');
  await session.signUp(email, valueIn('account', 'password'));
  await showUser();
  tell(`The account of ${email} is made.`, 'success');
}

async function resetPassword() {
  const email = valueIn('account', 'email');
  await session.sendPasswordReset(email);
  await showMails(email, (code, password) => {
    doing(async () => {
      await session.setPassword(code, password);
      await showMails(undefined, () => undefined);
      tell('The new password is set. Sign in with it.', 'success');
    });
  });
  tell('The e-mail is sent.', 'success');
}

/** A button for each gateway and store that is on. */
async function showWaysToPay() {
  const keys = await get('app-getPublicKeys');
  /** @param {{ name: string, key?: string }} one */
  const isOn = ({ name, key }) =>
    surroundings.gateways.includes(name) && (key === undefined || Boolean(keys[key]));
  const open = gateways.filter(isOn);
  const openStores = stores.filter(isOn);
  byId('card-field').hidden = !open.some(({ name }) => name === 'stripe');
  byId('stores').hidden = openStores.length === 0;
  byId('no-gateways').hidden = open.length > 0;
  buttonsOf('gateways', open, (gateway) => {
    doing(() => pay(gateway, centsOf(valueIn('payment', 'amount')), valueIn('payment', 'card')));
  });
  buttonsOf('store-buttons', openStores, (store) => {
    doing(() => buyIn(store, valueIn('purchase', 'product')));
  });
}

async function showUser() {
  const user = await session.currentUser();
  if (user?.uid !== shownUid) showNothingOfTheLast();
  shownUid = user?.uid;
  const isUnverified = user !== null && session.isUnverified(user);
  byId('signed-out').hidden = user !== null;
  byId('unverified').hidden = !isUnverified;
  byId('signed-in').hidden = user === null || isUnverified;
  byId('sign-out').hidden = user === null;
  byId('who').textContent = user === null ? '' : (user.email ?? 'Guest');
  await showMails(isUnverified ? (user.email ?? undefined) : undefined, () => undefined);
  if (user !== null && !isUnverified) await Promise.all([showBalance(), showTransactions()]);
}

/** A page that a payment page leads back to has shown no user yet: its payment goes on. */
function showNothingOfTheLast() {
  showNothing();
  if (shownUid !== undefined) {
    forgetPayment();
    tellNothing();
  }
  for (const id of ['account', 'payment', 'purchase']) formOf(id).reset();
}

/** @param {string} id of a button @param {() => Promise<void>} act */
function onPress(id, act) {
  byId(id).addEventListener('click', () => {
    doing(act);
  });
}

/** Does something that the user asked for; the notice was about something earlier. @param {() => Promise<void>} act */
function doing(act) {
  tellNothing();
  void during(act);
}

/** Does something that may fail, and says so. @param {() => Promise<void>} act */
function during(act) {
  return busyWith(act, tellFailure);
}
