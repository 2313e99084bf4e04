import { showBalance, showTransactions } from './balance.js';
import { get } from './calls.js';
import { inDollars } from './money.js';
import { tellFailure } from './notice.js';
import { gateways, pay, resume } from './payment.js';
import { currentUser, onUserChanged, signIn, signInAsGuest, signOut, signUp } from './session.js';
import { cards } from './stripe.js';
import { busyWith, byId, fill, valueIn } from './view.js';

const AMOUNTS_CENTS = [500, 2500, 5000];

fill(
  'amount',
  AMOUNTS_CENTS.map((cents) => ({ value: String(cents), title: inDollars(cents) })),
);
fill(
  'card',
  cards.map(({ number, title }) => ({ value: number, title })),
);

byId('guest').addEventListener('click', () => void during(signInAsGuest));
byId('sign-out').addEventListener('click', () => void during(signOut));
byId('account').addEventListener('submit', (event) => {
  event.preventDefault();
  const act = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value;
  const enter = act === 'sign-up' ? signUp : signIn;
  void during(() => enter(valueIn('account', 'email'), valueIn('account', 'password')));
});

// What the payment page has sent along is for once: a reload must not ask again.
const returned = new URLSearchParams(location.search);
history.replaceState(null, '', location.pathname);

await during(showGateways);
onUserChanged(() => void during(showUser));
if ((await currentUser()) !== null) await during(() => resume(returned));

/** A button for each gateway that is on. */
async function showGateways() {
  const keys = await get('app-getPublicKeys');
  const enabled = gateways.filter(({ key }) => keys[key]);
  byId('card-field').hidden = !enabled.some(({ key }) => key === 'stripePublishableKey');
  const buttons = enabled.map((gateway) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = gateway.title;
    button.addEventListener('click', () => {
      const cents = Number(valueIn('payment', 'amount'));
      void during(() => pay(gateway, cents, valueIn('payment', 'card')));
    });
    return button;
  });
  byId('gateways').replaceChildren(...buttons);
}

async function showUser() {
  const user = await currentUser();
  byId('signed-out').hidden = user !== null;
  byId('signed-in').hidden = user === null;
  byId('sign-out').hidden = user === null;
  byId('who').textContent = user === null ? '' : (user.email ?? 'Guest');
  if (user === null) return;
  await Promise.all([showBalance(), showTransactions()]);
}

/** Does something that may fail, and says so. @param {() => Promise<void>} act */
function during(act) {
  return busyWith(act, tellFailure);
}
