import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { StackClient } from '../../scripts/stack/client.ts';
import { origin, ports, PROJECT } from '../../scripts/stack/values.ts';
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

  async function arriveAsGuest(): Promise<void> {
    visitor = await Visitor.arrive(browser, PAGE);
    await visitor.press('Continue as a guest');
    await visitor.page.getByText('Nothing yet.').waitFor();
  }

  test(
    'pays by card, PayPal, Cryptomus and Payeer, and sees the balance rise',
    async () => {
      await arriveAsGuest();
      await expectBalance(0);

      await visitor.choose('Amount', '$25.00');
      await visitor.press('Card');
      await visitor.isTold('$25.00 has arrived.');
      await expectBalance(25);

      const paypal = await visitor.pressForWindow('PayPal');
      await visitor.pressToClose(paypal, 'Pay now');
      await visitor.isTold('$5.00 has arrived.');
      await expectBalance(30);

      await visitor.choose('Amount', '$50.00');
      await visitor.press('Cryptomus');
      await visitor.press('Pay');
      await visitor.isTold('$50.00 has arrived.');
      await expectBalance(80);

      await visitor.press('Payeer');
      await visitor.press('Pay');
      await visitor.isTold('$5.00 has arrived.');
      await expectBalance(85);

      const history = await visitor.page.locator('#transactions tr').allInnerTexts();
      expect(history.map((row) => row.split('\t').slice(1))).toEqual([
        ['payeer', '$5.00'],
        ['cryptomus', '$50.00'],
        ['paypal', '$5.00'],
        ['stripe', '$25.00'],
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

  test('asks for the e-mail address to be verified, and takes the user in then', async () => {
    visitor = await Visitor.arrive(browser, PAGE);
    const email = `buyer-${Date.now()}@example.com`;
    await visitor.page.getByLabel('E-mail').fill(email);
    await visitor.page.getByLabel('Password').fill('correct horse');
    await visitor.press('Create account');
    await visitor.isTold('Open the link in the e-mail we sent you');

    await verify(email);
    await visitor.press('Sign out');
    await visitor.page.getByLabel('E-mail').fill(email);
    await visitor.page.getByLabel('Password').fill('correct horse');
    await visitor.press('Sign in');
    await visitor.page.getByText('Nothing yet.').waitFor();
    await expectBalance(0);
    expect([...new Set(visitor.troubles)].sort()).toEqual([
      '403 GET app-getBalance',
      '403 GET app-getTransactions',
    ]);
  });

  test('is refused everything by the browser where it is not on an allowed origin', async () => {
    const elsewhere = await openWebClient(0);
    visitor = await Visitor.arrive(browser, elsewhere.origin);
    await visitor.isTold('The shop cannot be reached from here.').finally(() => elsewhere.stop());
    expect(visitor.troubles.join('\n')).toMatch(
      /app-getPublicKeys' from origin '.*' has been blocked by CORS policy/,
    );
  });
});

/** Follows the link of the verification e-mail, which the Auth emulator keeps. */
async function verify(email: string): Promise<void> {
  const sent = await fetch(`${origin(ports.auth)}/emulator/v1/projects/${PROJECT}/oobCodes`);
  const { oobCodes: codes } = (await sent.json()) as {
    oobCodes: { email: string; oobLink: string }[];
  };
  const link = codes.find((code) => code.email === email)?.oobLink;
  if (link === undefined) throw new Error('no e-mail was sent');
  await fetch(link);
}
