import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StackClient, type User } from '../../../scripts/stack/client.ts';
import { plain } from '../../harness/plain.ts';
import { writeRows } from '../app/rows.ts';

/** The printed text of `npm run ops`, as a process of its own, on the suite's stack. */
jest.setTimeout(180_000);

const client = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
let user: User;

beforeEach(async () => {
  user = await client.signIn();
});

afterAll(() => client.close());

/** Runs a command. */
function ops(...words: string[]): Promise<{ code: number; text: string }> {
  const env = { ...process.env };
  delete env['GOOGLE_CLOUD_PROJECT'];
  return new Promise((done) => {
    execFile(process.execPath, ['scripts/ops.ts', ...words], { env }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, text: stdout + stderr });
    });
  });
}

test('“I paid and my balance is 0”: the webhook never came; found, told and booked by three commands', async () => {
  const { body } = await client.call<{ id: string; order_id: string }>(
    'stripe-getPaymentIntent',
    { amount: 1500 },
    user,
  );
  await client.stripe.hold(true);
  await client.stripe.confirm(body.id);
  const names = { [body.order_id]: '<order>', [body.id]: '<intent>', [user.uid]: '<user>' };
  const found = await ops('find', user.uid);
  expect([found.code, plain(found.text, names)]).toEqual([
    0,
    [
      'Orders',
      'Order  Placed  Gateway  USD  User',
      '<order>  <time>  stripe  15.00  <user>',
      'What happened: npm run ops -- story <id>',
    ],
  ]);
  const story = await ops('story', body.order_id);
  expect([story.code, plain(story.text, names)]).toEqual([
    0,
    [
      'Order  <order>',
      'Gateway  stripe',
      'User  <user>',
      '<time>  Ordered: 15.00 USD through stripe, mode test. Balance: nothing yet.',
      "<time>  Bound to the gateway's <intent>.",
      'now  Not paid. Next question: <time>.',
      'Not paid, as far as the gateway has told us.',
    ],
  ]);
  const rechecked = await ops('recheck', body.id, '--reason', 'the buyer has asked');
  // What Stripe tells of the capture would be booked beside it.
  await client.stripe.discard();
  await client.stripe.hold(false);
  const lines = plain(rechecked.text, names);
  expect(rechecked.code).toBe(0);
  expect(lines.slice(0, 2)).toEqual([
    'stripe told of 1 movement; 1 row new or pushed.',
    'stripe_<intent>',
  ]);
  expect(lines).toContain('<time>  Paid: the gateway took 15.00 USD.');
  expect(lines).toContain(
    '<time>  Pushed, on try 1: the Retail API has applied it. Balance: +15.00 USD, done.',
  );
  expect(lines.at(-1)).toBe('15.00 USD was paid; all of it is in the balance.');
  expect(await client.retail.balance(user.uid)).toBe(1500);
});

test('a parked event is listed, retried, resolved with its reason, and then resolved already', async () => {
  const gateway = `till${Date.now()}`;
  const id = `unusable_${randomUUID()}`;
  await client.firestore
    .collection('tn_parked_events')
    .doc(id)
    .create({
      gateway,
      event: { id: 'evt_1', type: 'paid' },
      row: null,
      reason: 'unusable',
      message: 'The order has another amount.',
      parked_at: new Date(),
      attempts: 0,
      subjects: [`${gateway}_1`],
    });
  const names = { [id]: '<event>', [gateway]: '<gateway>' };
  const listed = await ops('parked', '--gateway', gateway);
  expect(plain(listed.text, names)).toEqual([
    '1 open',
    'Event  Parked  USD  Next  Why',
    '<event>  <time>  –  a person  unusable: The order has another amount.',
    'When the cause is mended: --retry <event|all>. When you have settled it: --resolve <event> --reason "…"',
  ]);
  expect((await ops('parked', '--retry', id)).text).toContain(
    '1 event for the next run of <gateway>-reconcile (every 15 minutes).',
  );
  const resolve = () => ops('parked', '--resolve', id, '--reason', 'paid back by hand');
  expect(await resolve()).toEqual({ code: 0, text: `${id} is resolved.\n` });
  expect(await resolve()).toEqual({
    code: 1,
    text: 'It is resolved already. Look at it: npm run ops -- story <id>\n',
  });
  expect((await ops('parked', '--gateway', gateway)).text).toBe('No parked event is open.\n');
});

test('a row that the Retail API has refused is listed and made due', async () => {
  const id = `stripe_${randomUUID()}`;
  const fault = { outcome: 'rejected', status: 400, error_name: 'SomeException' };
  // Of the other mode, so that no sweep of another suite pushes it.
  const row = { id, mode: 'live', is_synced: false, sync_error: fault };
  await writeRows(client.firestore, user.uid, [row]);
  const names = { [id]: '<payment>', [user.uid]: '<user>' };
  const listed = await ops('refused');
  expect(plain(listed.text, names)).toContain(
    '<payment>  <time>  payment  15.00  refused  rejected (SomeException, HTTP 400)  <user>',
  );
  const retried = await ops('refused', '--retry', id);
  expect(retried).toEqual({
    code: 0,
    text: '1 row due again; the next sweep pushes (sync-retryUnsynced, every 5 minutes).\n',
  });
  expect((await ops('refused', '--retry', id)).code).toBe(1);
  await client.firestore.collection('tn_payments').doc(id).delete();
});

test('a refund is shown and asked about, then made; by hand where the gateway cannot', async () => {
  const order = { amount: 1500 };
  const { body } = await client.call<{ id: string }>('stripe-getPaymentIntent', order, user);
  await client.stripe.confirm(body.id);
  await client.stripe.idle();
  const refund = (...more: string[]) =>
    ops('refund', `stripe_${body.id}`, '500', '--reason', 'the buyer has asked', ...more);
  const shown =
    '5.00 USD of a payment of 15.00 USD, of which 15.00 USD are left. The balance is 15.00 USD, and will be 10.00 USD.';
  expect(await refund()).toEqual({
    code: 1,
    text: `${shown}\nTo do it without a question, add --yes.\n`,
  });
  const made = await refund('--yes');
  expect([made.code, made.text.replace(/request \w+/, 'request <id>')]).toEqual([
    0,
    `${shown}\n5.00 USD were given back, and the row is booked (request <id>).\n`,
  ]);
  expect(await client.retail.balance(user.uid)).toBe(1000);
  const again = await refund('--yes');
  expect([again.code, again.text]).toEqual([1, expect.stringContaining('add --another')]);
  const id = `anypay_${Date.now()}`;
  await writeRows(client.firestore, user.uid, [{ id, gateway: 'anypay' }]);
  const byHand = await ops('refund', id, '--reason', 'the buyer has asked');
  expect([byHand.code, byHand.text.split('\n')[0]]).toEqual([
    0,
    'anypay gives nothing back through its API. To refund 15.00 USD by hand:',
  ]);
  expect((await ops('refunds')).code).toBe(0);
});

test('a payment for the wrong account: moved by one command, and told by its story', async () => {
  const right = await client.signIn();
  const order = { amount: 1500 };
  const { body } = await client.call<{ id: string }>('stripe-getPaymentIntent', order, user);
  await client.stripe.confirm(body.id);
  await client.stripe.idle();
  const payment = `stripe_${body.id}`;
  const move = () => ops('move', payment, right.uid, '--reason', 'paid for the wrong account');
  const moved = await move();
  const names = { [payment]: '<payment>', [user.uid]: '<wrong>', [right.uid]: '<right>' };
  const lines = plain(moved.text, names).map((line) =>
    line.replace(/manual_\w+/, '<row>').replace(/by \S+@\S+/, 'by <member>'),
  );
  expect([moved.code, lines]).toEqual([
    0,
    [
      '15.00 USD of <payment> for <right>, asked for by <member> at <time>: booked.',
      '<row>: 15.00 USD, <right>, in the balance',
      '<row>-from: -15.00 USD, <wrong>, in the balance',
      'What happened: npm run ops -- story <payment>',
    ],
  ]);
  expect(await move()).toEqual(moved);
  const balances = [await client.retail.balance(user.uid), await client.retail.balance(right.uid)];
  expect(balances).toEqual([0, 1500]);
  const story = plain((await ops('story', payment)).text, names);
  expect(story).toContain('<time>  Moved by the staff: 15.00 USD was taken from the user <wrong>.');
  expect(story.at(-1)).toBe(
    '15.00 USD was paid, and the money was moved to the user <right>; all of it is in the balance.',
  );
  const back = await ops('move', payment, right.uid.slice(1), '--reason', 'a slip of the pen');
  expect([back.code, back.text]).toEqual([1, expect.stringContaining('Nothing has this id.')]);
});

test('a month is told in sums, and each row is in the file', async () => {
  const gateway = `till${Date.now()}`;
  const at = { gateway, mode: 'live', created_at: new Date('2031-02-28T23:59:59Z') };
  await writeRows(client.firestore, user.uid, [
    { id: `${gateway}_a`, ...at },
    { id: `${gateway}_b`, ...at, kind: 'refund', amount: -500, parent_id: `${gateway}_a` },
    { id: `${gateway}_c`, ...at, created_at: new Date('2031-03-01T00:00:00Z') },
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  const csv = join(folder, 'february.csv');
  const report = await ops('report', '2031-02', '--gateway', gateway, '--csv', csv);
  const file = readFileSync(csv, 'utf8').split('\r\n');
  rmSync(folder, { recursive: true });
  expect([report.code, plain(report.text, { [gateway]: '<gateway>', [csv]: '<file>' })]).toEqual([
    0,
    [
      '2031-02, in UTC, by the time that a row was booked.',
      'The month is not over yet: its sums may change.',
      'Mode  Gateway  Kind  Rows  USD  Cents',
      'live  <gateway>  payment  1  15.00  1500',
      'live  <gateway>  refund  1  -5.00  -500',
      'live  total  2  10.00  1000',
      'Fees of the gateways are not known here: see their own reports.',
      'Every row is in <file>.',
    ],
  ]);
  expect(file).toHaveLength(4);
  expect(file[2]).toBe(
    `${gateway}_b,${gateway}_a,,refund,${gateway},live,false,-500,USD,2026-01-01T00:00:00.000Z,2031-02-28T23:59:59.000Z,${user.uid},true,synced`,
  );
});

test('a command that is not understood shows how, and an id that nothing has says where to look', async () => {
  const odd = await ops('refill');
  expect([odd.code, odd.text.split('\n')[0]]).toEqual([2, 'There is no command refill.']);
  const help = await ops('help');
  expect([help.code, help.text]).toEqual([0, expect.stringContaining('npm run ops -- <command>')]);
  const nothing = await ops('story', randomUUID());
  expect(nothing).toEqual({
    code: 1,
    text: 'Nothing has this id. Look for it: npm run ops -- find <anything>\n',
  });
});

test('a member is added, listed and removed', async () => {
  const { email, uid } = await client.signInWithClaim(undefined);
  expect(await ops('staff', 'add', email, 'support')).toEqual({
    code: 0,
    text: `${email} is support. A sign-in from now on carries the role.\n`,
  });
  const stored = client.firestore.collection('tn_staff').doc(uid);
  expect((await stored.get()).get('role')).toBe('support');
  const listed = (await ops('staff', 'list')).text.split('\n');
  const today = new Date().toISOString().slice(0, 10);
  const line = listed.find((one) => one.startsWith(email))?.replaceAll(/ +/g, ' ');
  expect(line).toBe(`${email} support ${today}`);
  expect((await ops('staff', 'remove', email)).text).toBe(
    `${email} is not on the staff any more.\n`,
  );
  expect((await stored.get()).exists).toBe(false);
  expect((await ops('staff', 'add', email, 'owner')).code).toBe(2);
});

test('docs/staff.md names every command of the help', () => {
  const page = readFileSync('docs/staff.md', 'utf8');
  for (const name of [
    'find',
    'story',
    'recheck',
    'parked',
    'refused',
    'adjust',
    'adjustments',
    'move',
    'report',
    'refund',
    'refunds',
    'staff add',
  ]) {
    expect(page).toContain(`npm run ops -- ${name}`);
  }
});
