import { PassThrough } from 'node:stream';
import type { OpsClient } from '../../../scripts/ops/client.ts';
import { refundCommand, type RefundCommand } from '../../../scripts/ops/refunds.ts';

const preview = {
  can: 'partial',
  by_hand: [],
  needs_address: null,
  amount: 500,
  paid: 1500,
  left: 1500,
  requested: 0,
  balance: 300,
  balance_after: -200,
  is_deleted_account: false,
  is_credit_refused: false,
};

const command: RefundCommand = {
  paymentId: 'acme_1',
  gateway: 'acme',
  cents: '500',
  reason: 'the buyer has asked',
  isAnother: false,
  address: undefined,
  isYes: false,
};

/** The calls of the staff, with what was done by them. */
function office(told: object = {}) {
  const done: object[] = [];
  const client: OpsClient = {
    read: async () => ({ status: 200, body: { ...preview, ...told } }),
    act: async (_name, body) => {
      done.push(body);
      return { status: 200, body: { request_id: 'r1', state: 'done', amount: 500, fault: null } };
    },
  };
  return { client, done };
}

/** A terminal at which somebody types when the question is shown. */
function terminal(typed: string | null, isTerminal = true) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 200 });
  let shown = '';
  output.on('data', (chunk) => {
    const isFirst = !shown.includes('(y/n)');
    shown += String(chunk);
    if (!isFirst || !shown.includes('(y/n)')) return;
    if (typed === null) input.end();
    else input.write(typed);
  });
  return { streams: { input, output }, shown: () => shown };
}

test.each(['y\r', 'yes\r', 'Y\r'])('%j does it, after the numbers are shown', async (typed) => {
  const { client, done } = office();
  const { streams, shown } = terminal(typed);
  expect(await refundCommand(client, command, streams)).toBe(
    '5.00 USD were given back, and the row is booked (request r1).',
  );
  expect(shown()).toContain(
    '5.00 USD of a payment of 15.00 USD, of which 15.00 USD are left. The balance is 3.00 USD, and will be -2.00 USD.',
  );
  const asked = { payment_id: 'acme_1', cents: 500, is_another: false };
  expect(done).toEqual([{ ...asked, reason: 'the buyer has asked' }]);
});

test.each<[string, string | null]>([
  ['n', 'n\r'],
  ['Enter', '\r'],
  ['another word', 'yesterday\r'],
  ['Ctrl-D', '\u0004'],
  ['Ctrl-C', '\u0003'],
  ['the end of the input', null],
])('%s does nothing', async (_, typed) => {
  const { client, done } = office();
  const { streams } = terminal(typed);
  expect(await refundCommand(client, command, streams)).toBe('Nothing was given back.');
  expect(done).toEqual([]);
});

test('the end of the input does nothing where the question goes into a file', async () => {
  const { client, done } = office();
  const { streams } = terminal(null, false);
  expect(await refundCommand(client, command, streams)).toBe('Nothing was given back.');
  expect(done).toEqual([]);
});

test('without a terminal nothing is asked, and nothing is done', async () => {
  const { client, done } = office();
  const streams = { input: new PassThrough(), output: new PassThrough() };
  await expect(refundCommand(client, command, streams)).rejects.toThrow('add --yes');
  expect(done).toEqual([]);
});

describe('coins', () => {
  const coins = { needs_address: "the buyer's, of the coin and network that was paid with" };
  const address = 'TBuyer0123456789';

  test('go to the address that is shown', async () => {
    const { client, done } = office(coins);
    const { streams, shown } = terminal('y\r');
    await refundCommand(client, { ...command, address }, streams);
    expect(shown()).toContain(`The coins go to ${address}, and cannot be fetched back.`);
    expect(done).toMatchObject([{ address }]);
  });

  test('go nowhere without one, and other money goes to none', async () => {
    const without = refundCommand(office(coins).client, command);
    await expect(without).rejects.toThrow("--address <address>: the buyer's, of the coin");
    const odd = refundCommand(office().client, { ...command, address });
    await expect(odd).rejects.toThrow('leave --address out');
  });
});

test('a payment that the Retail API has refused: what to do first', async () => {
  const { client } = office({ is_credit_refused: true });
  expect(await refundCommand(client, { ...command, isYes: true })).toContain(
    'First: npm run ops -- refused --retry acme_1.',
  );
});
