import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import { deleteApp, initializeApp, type FirebaseApp } from 'firebase/app';
import {
  applyActionCode,
  connectAuthEmulator,
  createUserWithEmailAndPassword,
  getAuth,
  sendEmailVerification,
  signInAnonymously,
  type Auth,
} from 'firebase/auth';
import { StackClient } from '../../scripts/stack/client.ts';
import { anypay } from '../../scripts/stack/gateways/anypay.ts';
import { payeer } from '../../scripts/stack/gateways/payeer.ts';
import { functionUrl, origin, ports, PROJECT } from '../../scripts/stack/values.ts';
import { calls } from '../harness/document.ts';

/** Runs the JavaScript of docs/client-protocol.md, as a page would, on the emulators. */
const PAGE = readFileSync('docs/client-protocol.md', 'utf8');
const code = [...PAGE.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block]) => block).join('\n');

interface Balance {
  readonly total: number;
  readonly reserved: number;
  readonly pending: number;
}

/** What the page defines. */
interface Page {
  signIn(): Promise<string>;
  signUp(email: string, password: string): Promise<void>;
  call(name: string, fields?: object, options?: object): Promise<Record<string, unknown>>;
  openSheet(amount: number, key?: string): Promise<{ id: string; confirm: () => Promise<void> }>;
  statusOf(id: string): Promise<string>;
  showPayPal(amount: number, done: (result: string) => void): Promise<void>;
  payOnPage(name: string, amount: number): Promise<void>;
  payWithForm(name: string, amount: number): Promise<void>;
  balance(): Promise<Balance>;
  balanceAfter(before: Balance, pausesS?: number[]): Promise<Balance>;
}

const RETURN_ORIGIN = 'http://localhost:3000';
const client = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
let app: FirebaseApp;
let auth: Auth;
let page: Page;
/** How the buyer's cards fare with PayPal, one after another. */
let cards: (string | undefined)[];
/** Where the page has led the browser. */
let visited: string[];
let sent: Promise<void>;

/** Stripe.js: what the buyer does in the sheet, done at the stand-in. */
function Stripe(publicKey: string) {
  return {
    elements: ({ clientSecret }: { clientSecret: string }) => ({
      clientSecret,
      create: () => ({ mount: (place: string) => visited.push(`${publicKey} in ${place}`) }),
    }),
    async confirmPayment({ elements }: { elements: { clientSecret: string } }) {
      await client.stripe.confirm(elements.clientSecret.split('_secret_')[0] ?? '');
      return {};
    },
  };
}

interface Buttons {
  createOrder: () => Promise<string>;
  onApprove: (
    data: { orderID: string },
    actions: { restart: () => Promise<void> },
  ) => Promise<void>;
}

/** PayPal's SDK: the buyer presses the button and approves, with one card after the other. */
const paypal = {
  Buttons: ({ createOrder, onApprove }: Buttons) => ({
    async render() {
      const orderID = await createOrder();
      const restart = async (): Promise<void> => {
        await client.paypal.approve(orderID, cards.shift());
        await onApprove({ orderID }, { restart });
      };
      await restart();
    },
  }),
};

/** As much of a document as a form needs; it is posted to the stand-in for the address. */
const document = {
  body: { append: () => undefined },
  createElement: () => {
    const fields: { name: string; value: string }[] = [];
    return {
      action: '',
      append: (field: { name: string; value: string }) => fields.push(field),
      submit(): void {
        sent = submit(this.action, fields);
      },
    };
  },
};

async function submit(action: string, fields: { name: string; value: string }[]): Promise<void> {
  const { host, pathname } = new URL(action);
  const { port } = host === 'payeer.com' ? payeer : anypay;
  const body = new URLSearchParams(
    Object.fromEntries(fields.map(({ name, value }) => [name, value])),
  );
  const response = await fetch(`${origin(port)}${pathname}`, { method: 'POST', body });
  visited.push(await response.text());
}

beforeAll(() => {
  app = initializeApp({ projectId: PROJECT, apiKey: 'local' }, randomUUID());
  auth = getAuth(app);
  connectAuthEmulator(auth, origin(ports.auth), { disableWarnings: true });
  const location = {
    origin: RETURN_ORIGIN,
    href: `${RETURN_ORIGIN}/funds`,
    assign: (url: string) => visited.push(url),
  };
  const firebase = {
    auth,
    createUserWithEmailAndPassword,
    sendEmailVerification,
    signInAnonymously,
  };
  const given = { FUNCTIONS: functionUrl('').replace(/\/$/, ''), Stripe, paypal, document };
  const surroundings = {
    ...firebase,
    ...given,
    location,
    fetch,
    URLSearchParams,
    setTimeout,
    crypto,
  };
  const defined =
    'signIn, signUp, call, openSheet, statusOf, showPayPal, payOnPage, payWithForm, balance, balanceAfter';
  const load = compileFunction(`${code}\nreturn { ${defined} };`, Object.keys(surroundings));
  page = (load as (...values: unknown[]) => Page)(...Object.values(surroundings));
});

afterAll(async () => {
  await deleteApp(app);
  await client.close();
});

beforeEach(async () => {
  await page.signIn();
  visited = [];
  cards = [];
});

afterEach(() => auth.signOut());

test('signing in gives the token of the calls', async () => {
  await auth.signOut();
  const token = await page.signIn();
  expect(token).toBe(await auth.currentUser?.getIdToken());
  expect(await page.call('app-getBalance', {}, { method: 'GET' })).toMatchObject({ total: 0 });
});

test('who signs up with a password calls once the address is verified', async () => {
  const email = `${randomUUID()}@example.test`;
  await page.signUp(email, randomUUID());
  const refused = { status: 403, name: 'EmailNotVerifiedException' };
  await expect(page.balance()).rejects.toMatchObject(refused);
  await applyActionCode(auth, await mailedCode(email));
  await expect(page.balance()).rejects.toMatchObject(refused);
  await auth.currentUser?.getIdToken(true);
  expect(await page.balance()).toMatchObject({ total: 0 });
});

/** What the link in the mail carries, which the emulator shows instead of sending it. */
async function mailedCode(email: string): Promise<string> {
  const mails = await fetch(`${origin(ports.auth)}/emulator/v1/projects/${PROJECT}/oobCodes`);
  const { oobCodes } = (await mails.json()) as { oobCodes: { email: string; oobCode: string }[] };
  return oobCodes.find((mail) => mail.email === email)?.oobCode ?? '';
}

test('the fields of a GET are its query', async () => {
  const page2 = { page: 2, limit: 5 };
  expect(await page.call('app-getTransactions', page2, { method: 'GET' })).toMatchObject(page2);
});

test('the payment sheet, and the balance after it', async () => {
  const before = await page.balance();
  expect(before).toEqual({ total: 0, reserved: 0, pending: 0 });
  const { id, confirm } = await page.openSheet(1500);
  expect(visited).toEqual(['pk_test_standin in #payment']);
  expect(await page.statusOf(id)).toBe('unpaid');
  await confirm();
  expect(await page.statusOf(id)).toBe('paid');
  expect((await page.balanceAfter(before, [1, 1, 1])).total).toBe(1500);
});

test('the same key is the same payment', async () => {
  const key = randomUUID();
  const { id } = await page.openSheet(1500, key);
  expect((await page.openSheet(1500, key)).id).toBe(id);
  await expect(page.openSheet(1600, key)).rejects.toMatchObject({
    status: 409,
    name: 'ConflictException',
  });
});

test('approve and capture; a declined card is followed by another', async () => {
  cards = ['INSTRUMENT_DECLINED', undefined];
  const results: string[] = [];
  await page.showPayPal(1500, (result) => results.push(result));
  expect([results, cards]).toEqual([['paid'], []]);
  expect(await page.balance()).toMatchObject({ total: 1500 });
});

test.each(['cryptomus-createPayment', 'wayforpay-createPayment'])(
  '%s leads to a page to pay on',
  async (name) => {
    await page.payOnPage(name, 1500);
    expect(visited).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\//)]);
  },
);

test.each(['payeer-createOrder', 'anypay-createPayment'])(
  'the form of %s is taken',
  async (name) => {
    await page.payWithForm(name, 1500);
    await sent;
    expect(visited).toEqual([expect.stringContaining('Pay here.')]);
  },
);

test('a refusal has a status and a name', async () => {
  await expect(page.call('stripe-getPaymentIntent', { amount: 1 })).rejects.toMatchObject({
    status: 400,
    name: 'InvalidRequestParamsException',
    reset: null,
  });
});

test('the page names every call of an app', () => {
  const ofApps = calls.filter(({ isForStaff }) => !isForStaff).map(({ name }) => name);
  expect(ofApps.filter((name) => !PAGE.includes(name))).toEqual([]);
});
