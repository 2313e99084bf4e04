import { StackClient, type User } from '../../scripts/stack/client.ts';
import { origin, ports } from '../../scripts/stack/values.ts';
import { order as orderInvoice } from '../../scripts/story/cryptomus.ts';
import { plain } from '../harness/plain.ts';
import { endRuns, Run } from '../harness/run.ts';

jest.setTimeout(360_000);

/** The seven questions of a customer and of the books, each answered by at most three commands. */

let client: StackClient;
let user: User;
/** How many commands a question took so far. */
let commands: number;

beforeAll(async () => {
  const stack = new Run(['scripts/stack.ts']);
  await stack.prints('The stack is up; Ctrl-C ends it.');
  client = new StackClient(new URL(origin(ports.firestore)).host);
});

beforeEach(async () => {
  user = await client.signIn();
  commands = 0;
});

afterEach(() => {
  expect(commands).toBeLessThanOrEqual(3);
});

afterAll(async () => {
  await client.close();
  await endRuns();
});

/** A command as a person types it. @returns the lines that it prints. */
async function run(script: string, words: readonly string[], names: Record<string, string> = {}) {
  commands += 1;
  const one = new Run([`scripts/${script}.ts`, ...words]);
  const code = await one.exitCode();
  const lines = plain(one.stdout + one.stderr, { [user.uid]: '<user>', ...names });
  return { code, lines };
}

const ops = (words: readonly string[], names: Record<string, string> = {}) =>
  run('ops', words, names);

/** The customer orders 15.00 at Stripe and pays. */
async function pay(): Promise<{ orderId: string; paymentId: string }> {
  const { body } = await client.call<{ id: string; order_id: string }>(
    'stripe-getPaymentIntent',
    { amount: 1500 },
    user,
  );
  await client.stripe.confirm(body.id);
  await client.stripe.idle();
  return { orderId: body.order_id, paymentId: `stripe_${body.id}` };
}

test('1. “I paid, and my balance is 0”: the webhook never came', async () => {
  await client.stripe.hold(true);
  const { orderId } = await pay();
  const names = { [orderId]: '<order>' };
  const found = await ops(['find', user.uid], names);
  expect(found.lines).toContain('<order>  <time>  stripe  15.00  <user>');
  const story = await ops(['story', orderId], names);
  expect(story.lines.at(-1)).toBe('Not paid, as far as the gateway has told us.');
  const rechecked = await ops(['recheck', orderId], names);
  await client.stripe.discard();
  await client.stripe.hold(false);
  expect(rechecked.lines.at(-1)).toBe('15.00 USD was paid; all of it is in the balance.');
  expect(await client.retail.balance(user.uid)).toBe(1500);
});

test('2. “I paid, and my balance is 0”: the event is parked', async () => {
  const invoice = await orderInvoice(client, user, 1500);
  await client.cryptomus.edit(invoice, { currency: 'EUR' });
  await client.cryptomus.pay(invoice);
  await client.cryptomus.idle();
  const found = await ops(['find', user.uid]);
  const [order = ''] = found.lines.find((line) => line.includes('cryptomus'))?.split('  ') ?? [];
  const story = await ops(['story', order]);
  const [, event = ''] = /parked --retry (\S+)/.exec(story.lines.join('\n')) ?? [];
  expect(story.lines.join('\n')).toContain(
    'Parked (unusable): The invoice differs from the order.',
  );
  await client.cryptomus.edit(invoice, { currency: 'USD' });
  const retried = await ops(['parked', '--retry', event]);
  expect(retried.lines).toContain(
    '1 event for the next run of <gateway>-reconcile (every 15 minutes).',
  );
  await client.runSchedule('cryptomus-reconcile');
  expect(await client.retail.balance(user.uid)).toBe(1500);
});

test('3. “I paid, and my balance is 0”: the Retail API has refused the row', async () => {
  await client.retail.failFor(user.uid, 400, { errorName: 'SomeException' });
  const { paymentId } = await pay();
  // The sweep, five minutes later, tries it once more and knows whether others are refused, too.
  const row = client.firestore.collection('tn_payments').doc(paymentId);
  await row.update({ next_sync_at: new Date(0) });
  await client.sweep();
  const names = { [paymentId]: '<payment>' };
  const story = await ops(['story', paymentId], names);
  expect(story.lines.join('\n')).toMatch(
    /Refused by the Retail API: .*npm run ops -- refused --retry <payment>/,
  );
  await client.retail.failFor(user.uid);
  const retried = await ops(['refused', '--retry', paymentId], names);
  expect(retried.lines).toEqual([
    '1 row due again; the next sweep pushes (sync-retryUnsynced, every 5 minutes).',
  ]);
  await client.sweep();
  const after = await ops(['story', paymentId], names);
  expect(after.lines.at(-1)).toBe('15.00 USD was paid; all of it is in the balance.');
});

test('4. “I paid for the wrong account”', async () => {
  const right = await client.signIn();
  const { paymentId } = await pay();
  const names = { [paymentId]: '<payment>', [right.uid]: '<right>' };
  const found = await ops(['find', user.uid], names);
  expect(found.lines).toContain('<payment>  <time>  payment  15.00  in the balance  <user>');
  const move = ['move', paymentId, right.uid, '--reason', 'paid for the wrong account'];
  expect((await ops(move, names)).code).toBe(0);
  const story = await ops(['story', paymentId], names);
  expect(story.lines.at(-1)).toBe(
    '15.00 USD was paid, and the money was moved to the user <right>; all of it is in the balance.',
  );
  const balances = [await client.retail.balance(user.uid), await client.retail.balance(right.uid)];
  expect(balances).toEqual([0, 1500]);
});

test('5. “Give me my money back”', async () => {
  const { paymentId } = await pay();
  const refund = ['refund', paymentId, '500', '--reason', 'the buyer has asked', '--yes'];
  const made = await ops(refund, { [paymentId]: '<payment>' });
  expect(made.lines[0]).toBe(
    '5.00 USD of a payment of 15.00 USD, of which 15.00 USD are left. The balance is 15.00 USD, and will be 10.00 USD.',
  );
  expect(made.lines[1]).toMatch(/^5\.00 USD were given back, and the row is booked/);
  expect(await client.retail.balance(user.uid)).toBe(1000);
});

test('6. “I have paid twice”', async () => {
  const [first, second] = [await pay(), await pay()];
  const names = { [first.paymentId]: '<first>', [second.paymentId]: '<second>' };
  const found = await ops(['find', user.uid], names);
  expect(found.lines).toEqual(
    expect.arrayContaining([
      '<first>  <time>  payment  15.00  in the balance  <user>',
      '<second>  <time>  payment  15.00  in the balance  <user>',
    ]),
  );
  const refund = ['refund', second.paymentId, '--reason', 'paid twice', '--yes'];
  expect((await ops(refund, names)).code).toBe(0);
  const story = await ops(['story', second.paymentId], names);
  expect(story.lines.at(-1)).toBe(
    '15.00 USD was paid, and corrections moved -15.00 USD; all of it is in the balance.',
  );
  expect(await client.retail.balance(user.uid)).toBe(1500);
});

test("7. “Does the month agree with the gateway's report?”", async () => {
  const month = new Date().toISOString().slice(0, 7);
  const report = await ops(['report', month, '--gateway', 'stripe']);
  const sums = report.lines.filter((line) => line.startsWith('test  stripe'));
  expect(sums).toEqual([
    'test  stripe  payment  6  90.00  9000',
    'test  stripe  refund  2  -20.00  -2000',
  ]);
  const day = (offset: number) =>
    new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const span = ['--from', day(-1), '--to', day(1), '--gateway', 'stripe'];
  const compared = await run('reconcile', span);
  expect(compared).toMatchObject({ code: 0 });
  expect(compared.lines).toEqual(
    expect.arrayContaining([
      'stripe  payment  6  90.00  6  90.00  6  1 on a later try',
      'stripe  refund  2  -20.00  2  -20.00  2',
      'No differences.',
    ]),
  );
});
