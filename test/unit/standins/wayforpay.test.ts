import { startWayforpay, type WayforpayStandin } from '../../standins/wayforpay/server.ts';
import { sign } from '../../standins/wayforpay/signature.ts';

const DAY_S = 24 * 3600;

let now = Date.parse('2026-01-01T00:00:00Z');
let wayforpay: WayforpayStandin;

beforeAll(async () => {
  wayforpay = await startWayforpay({
    merchantAccount: 'merchant',
    secretKey: 'key',
    domain: 'app.test',
    now: () => now,
  });
});

afterAll(() => wayforpay.stop());

beforeEach(() => {
  wayforpay.control.reset();
  now = Date.parse('2026-01-01T00:00:00Z');
});

interface ListReply {
  readonly reasonCode: number;
  readonly transactionList?: readonly Record<string, unknown>[];
}

/** @param key what the request is signed with. */
async function list(dateBegin: number, dateEnd: number, key = 'key'): Promise<ListReply> {
  const merchantSignature = sign(key, 'merchant', dateBegin, dateEnd);
  const response = await fetch(`${wayforpay.origin}/api`, {
    method: 'POST',
    body: JSON.stringify({
      transactionType: 'TRANSACTION_LIST',
      merchantAccount: 'merchant',
      merchantSignature,
      apiVersion: 1,
      dateBegin,
      dateEnd,
    }),
  });
  return (await response.json()) as ListReply;
}

test('a refund is a transaction of its own, listed by its own time', async () => {
  const start = now / 1000;
  wayforpay.control.createForeignOrder('order1', 1250);
  wayforpay.control.pay('order1');
  now += 5 * DAY_S * 1000;
  wayforpay.control.refund('order1', 500);
  const { reasonCode, transactionList } = await list(start, start + 31 * DAY_S);
  expect(reasonCode).toBe(1100);
  expect(transactionList).toMatchObject([
    { transactionType: 'PURCHASE', amount: 12.5, transactionStatus: 'Approved' },
    { transactionType: 'REFUND', amount: 5, transactionStatus: 'Refunded' },
  ]);
  const later = await list(start + DAY_S, start + 6 * DAY_S);
  expect(later.transactionList).toMatchObject([{ orderReference: 'order1', amount: 5 }]);
});

test.each([
  ['more than 31 days', 0, 31 * DAY_S + 1, 'key', 1109],
  ['a span that ends before it begins', 2, 1, 'key', 1109],
  ['another key', 0, 1, 'guessed', 1113],
])('%s: refused', async (_, begin, end, key, reasonCode) => {
  const answer = await list(begin, end, key);
  expect(answer.reasonCode).toBe(reasonCode);
  expect(answer.transactionList).toBeUndefined();
  expect(wayforpay.control.requests()).toHaveLength(1);
});
