import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { valuesUnder } from '../../scripts/stack/configure.ts';
import { StackClient } from '../../scripts/stack/client.ts';
import { origin, ports } from '../../scripts/stack/values.ts';
import { openWebClient } from '../../scripts/stack/web-client.ts';
import { findChromium } from './chromium.ts';
import { ARTIFACTS, launch, Visitor } from './visitor.ts';

const WITHIN_MS = 180_000;
const PAGE = origin(ports.webClient);

const withChromium = findChromium() === undefined ? describe.skip : describe;

withChromium('in Chromium, our page', () => {
  let browser: Browser;
  let stack: StackClient;
  let visitor: Visitor;

  beforeAll(async () => {
    stack = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
    browser = await launch();
  });

  afterEach(async () => {
    // Nobody outside this machine was asked for anything.
    expect([...visitor.hosts]).toEqual(['127.0.0.1']);
    await visitor.leave();
  });

  afterAll(async () => {
    await browser.close();
    await stack.close();
  });

  /** What the page shows, the Retail API holds and the ledger adds up to: one sum, in dollars. */
  async function expectBalance(dollars: number): Promise<void> {
    expect(await visitor.reads('total')).toBe(`$${dollars}.00`);
    expect(await visitor.reads('pending')).toBe('$0.00');
    expect(await stack.retail.balance(visitor.uid)).toBe(dollars * 100);
    const rows = await stack.rows(visitor);
    expect(rows.reduce((sum, row) => sum + Number(row['amount']), 0)).toBe(dollars * 100);
  }

  /** The columns of the history but for the time, newest first. */
  async function history(): Promise<string[][]> {
    const rows = await visitor.page.locator('#transactions tr').allInnerTexts();
    return rows.map((row) => row.split('\t').slice(1));
  }

  async function arriveAsGuest(width?: number): Promise<void> {
    visitor = await Visitor.arrive(browser, PAGE, width);
    await visitor.press('Continue as a guest');
    await visitor.page.getByText('Nothing yet.').waitFor();
  }

  test(
    'pays through every gateway, any amount, and sees the balance rise',
    async () => {
      await arriveAsGuest();
      await expectBalance(0);

      await visitor.press('Card');
      await visitor.isTold('$25.00 has arrived.');
      await expectBalance(25);

      await visitor.type('Amount in dollars', '5');
      const paypal = await visitor.pressForWindow('PayPal');
      await visitor.pressToClose(paypal, 'Pay now');
      await visitor.isTold('$5.00 has arrived.');
      await expectBalance(30);

      const pages = { Cryptomus: '50', Payeer: '12.5', AnyPay: '$7.50', WayForPay: '10.00' };
      for (const [title, amount] of Object.entries(pages)) {
        await visitor.type('Amount in dollars', amount);
        await visitor.press(title);
        await visitor.press('Pay');
        await visitor.isTold(/\d has arrived/);
      }
      await expectBalance(110);

      await visitor.choose('Product', 'credits_500, $5.00');
      for (const store of ['App Store', 'Google Play']) {
        await visitor.press(store);
        await visitor.isTold('$5.00 has arrived.');
      }
      await expectBalance(120);

      expect(await history()).toEqual([
        ['Payment', 'gplay', '$5.00'],
        ['Payment', 'appstore', '$5.00'],
        ['Payment', 'wayforpay', '$10.00'],
        ['Payment', 'anypay', '$7.50'],
        ['Payment', 'payeer', '$12.50'],
        ['Payment', 'cryptomus', '$50.00'],
        ['Payment', 'paypal', '$5.00'],
        ['Payment', 'stripe', '$25.00'],
      ]);
      expect(visitor.troubles).toEqual([]);
      await visitor.takePicture('web-client');
      expect(existsSync(`${ARTIFACTS}/web-client.png`)).toBe(true);
    },
    WITHIN_MS,
  );

  test(
    'says in words what came of a payment that was not made',
    async () => {
      await arriveAsGuest();

      await visitor.choose('Test card', '4000 0000 0000 0002, is declined');
      await visitor.press('Card');
      await visitor.isTold('Your card was declined.');

      await visitor.choose('Test card', '4000 0000 0000 9235, is held for review');
      await visitor.press('Card');
      await visitor.isTold('The payment is being reviewed');

      const paypal = await visitor.pressForWindow('PayPal');
      await visitor.pressToClose(paypal, 'Cancel');
      await visitor.isTold('nothing was paid');

      await visitor.press('Cryptomus');
      await visitor.page.getByRole('link', { name: 'Back to the shop' }).click();
      await visitor.isTold('You have left the payment page');

      await visitor.press('Payeer');
      await visitor.press('Cancel');
      await visitor.isTold('You have left the payment page');
      await expectBalance(0);

      // Twenty unpaid orders within an hour are the most.
      for (let count = 0; count < 20; count += 1) {
        await stack.call('stripe-getPaymentIntent', { amount: 500 }, visitor);
      }
      await visitor.press('Card');
      await visitor.isTold(/Too many unpaid payments. Try again at \d+:\d\d/);
      await visitor.takePicture('web-client-refused');
      expect(visitor.troubles).toEqual(['402 POST confirm', '429 POST stripe-getPaymentIntent']);
    },
    WITHIN_MS,
  );

  async function enter(act: string, email: string, password: string): Promise<void> {
    await visitor.type('E-mail', email);
    await visitor.type('Password', password);
    await visitor.press(act);
  }

  test('makes an account, shows the e-mails that Firebase sends, and lets the user in', async () => {
    visitor = await Visitor.arrive(browser, PAGE);
    const email = `buyer-${Date.now()}@example.com`;
    await enter('Create account', email, 'short1');
    await visitor.isTold(`The account of ${email} is made.`);
    await visitor.press('I have opened it');
    await visitor.isTold('It is not verified yet.');
    const opening = visitor.page.context().waitForEvent('page');
    await visitor.page.getByRole('link', { name: 'Verify your e-mail address.' }).click();
    const opened = await opening;
    await opened.getByText('success').waitFor();
    await opened.close();
    await visitor.press('I have opened it');
    await visitor.isTold('Your e-mail address is verified.');
    await visitor.page.getByText('Nothing yet.').waitFor();
    expect(visitor.troubles).toEqual([]);

    await visitor.press('Sign out');
    await enter('Create account', email, 'another1');
    await visitor.isTold('There is an account with this e-mail address: sign in.');
    await enter('Sign in', email, 'another1');
    await visitor.isTold('The e-mail address or the password is wrong.');
    await visitor.press('Forgotten password');
    await visitor.isTold('The e-mail is sent.');
    await visitor.type('New password', 'another1');
    await visitor.press('Set the new password');
    await visitor.isTold('The new password is set. Sign in with it.');
    await enter('Sign in', email, 'another1');
    await visitor.page.getByText('Nothing yet.').waitFor();
    await expectBalance(0);
  });

  test(
    'names refunds, fits a phone, and shows nothing of a user to the next one',
    async () => {
      await arriveAsGuest(360);
      await visitor.press('Card');
      await visitor.isTold('$25.00 has arrived.');
      await refundLast(900);
      await visitor.page.reload();
      await visitor.page.getByText('Refund').waitFor();
      expect(await history()).toEqual([
        [
          expect.stringMatching(/^Refund of the payment \$25\.00, \d+\/\d+\/\d+,? /),
          'stripe',
          '-$9.00',
        ],
        ['Payment', 'stripe', '$25.00'],
      ]);
      expect(await visitor.overflow()).toBe(0);
      await visitor.takePicture('web-client-narrow');

      await visitor.type('Amount in dollars', 'much');
      await visitor.press('Card');
      await visitor.isTold('Type the amount in dollars and cents, such as 12.50.');
      await visitor.press('Close');
      expect(await visitor.page.locator('#notice').isVisible()).toBe(false);
      await visitor.type('Amount in dollars', '0.01');
      await visitor.press('Card');
      await visitor.isTold('amount');
      const first = visitor.uid;
      await visitor.press('Sign out');
      expect(await visitor.overflow()).toBe(0);
      await visitor.press('Continue as a guest');
      await visitor.page.getByText('Nothing yet.').waitFor();
      expect(visitor.uid).not.toBe(first);
      expect(await visitor.page.locator('#notice').isVisible()).toBe(false);
      expect(await visitor.page.getByLabel('Amount in dollars').inputValue()).toBe('25.00');
      expect(await history()).toEqual([]);
      await expectBalance(0);
      expect(visitor.troubles).toEqual(['400 POST stripe-getPaymentIntent']);
    },
    WITHIN_MS,
  );

  test(
    'shows no answer about a user that arrives when another one has signed in',
    async () => {
      await arriveAsGuest();
      await visitor.press('Card');
      await visitor.isTold('$25.00 has arrived.');
      const held = Promise.withResolvers<undefined>();
      const first = visitor.page.waitForRequest('**/app-getTransactions*');
      await visitor.page.route(
        '**/app-getTransactions*',
        async (route) => {
          const response = await route.fetch();
          await held.promise;
          await route.fulfill({ response });
        },
        { times: 1 },
      );
      await visitor.page.reload();
      await first;
      // As another window of the browser would, while this one is busy.
      await visitor.page.evaluate(
        "import('/session.js').then((one) => one.signOut().then(() => one.signInAsGuest()))",
      );
      await visitor.page.getByText('Nothing yet.').waitFor();
      const answered = visitor.page.waitForResponse('**/app-getTransactions*');
      held.resolve(undefined);
      await answered;
      await expectBalance(0);
      expect(await history()).toEqual([]);
    },
    WITHIN_MS,
  );

  /** Gives back a part of the visitor's newest payment, in Stripe's dashboard. */
  async function refundLast(cents: number): Promise<void> {
    const [row] = await stack.rows(visitor);
    await stack.stripe.refund(String(row?.['payment_id']).replace('stripe_', ''), cents);
    await stack.stripe.idle();
  }

  test('is refused everything by the browser where it is not on an allowed origin', async () => {
    const elsewhere = await openWebClient(valuesUnder({}), 0);
    visitor = await Visitor.arrive(browser, elsewhere.origin);
    await visitor.isTold('The shop cannot be reached from here.').finally(() => elsewhere.stop());
    expect(visitor.troubles.join('\n')).toMatch(
      /app-getPublicKeys' from origin '.*' has been blocked by CORS policy/,
    );
  });
});
