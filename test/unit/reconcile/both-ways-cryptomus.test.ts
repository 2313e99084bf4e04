import { openGateway } from '../../../functions/src/gateways/cryptomus/gateway.ts';
import { courses, isSilent, play, type Scene, type Story } from '../../harness/both-ways.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { orderBook } from '../../harness/orders.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { Bench, order, UUID } from '../gateways/cryptomus/bench.ts';

const own = useOwnFirestore();
const bench = new Bench();
let sent: string[];

beforeEach(() => {
  sent = [];
  setEnvironment({ CRYPTOMUS_CREDIT_UNDERPAID: 'true' });
});

const now = () => new Date(Date.now() + 1000);

const scene: Scene = {
  name: 'cryptomus',
  open: ({ ledger }) => openGateway({ orders: orderBook(order), ledger }),
  sent: () => sent.map((body) => ({ method: 'POST', headers: {}, body: Buffer.from(body) })),
  asked: () => ({ orderId: order.orderId, ref: UUID, paymentId: null }),
  now,
};

/** The notification of the invoice as it stands. */
function notify(cents?: number): void {
  const { status, is_final: isFinal } = bench.control.edit(UUID, {});
  const usd = cents === undefined ? {} : { payment_amount_usd: (cents / 100).toFixed(2) };
  sent.push(bench.control.signed(UUID, status, { is_final: isFinal, ...usd }));
}

const pay =
  (cents = 1250) =>
  () => {
    bench.control.pay(UUID, { cents });
    notify(cents);
  };
const payMore = (cents: number, all: number) => () => {
  bench.control.pay(UUID, { cents });
  notify(all);
};
const expire = (cents: number) => () => {
  bench.control.expire(UUID);
  notify(cents);
};
const refund = () => {
  bench.control.refund(UUID);
  bench.control.endRefund(UUID);
  notify();
};

const failRefund = () => {
  bench.control.refund(UUID);
  bench.control.endRefund(UUID, 'refund_fail');
  notify();
};

interface Told {
  readonly story: Story;
  readonly rows: string[];
  /** What the second look books where no notification comes, and what it says then. */
  readonly alone?: { readonly rows: string[]; readonly parked: unknown[] };
}

const more = expect.stringContaining('More was paid than is credited') as unknown;
const less = expect.stringContaining('Only the notification says how much') as unknown;

const stories: Readonly<Record<string, Told>> = {
  'a payment': { story: [pay()], rows: ['payment 1250'] },
  'a refund': { story: [pay(), refund], rows: ['payment 1250', 'refund -1250'] },
  'too little': {
    story: [pay(600), expire(600)],
    rows: ['payment 600'],
    alone: { rows: [], parked: [less] },
  },
  'in two parts': { story: [pay(600), payMore(650, 1250)], rows: ['payment 1250'] },
  'too much': {
    story: [pay(1300)],
    rows: ['payment 1300'],
    alone: { rows: ['payment 1250'], parked: [more] },
  },
  'a refund that failed': { story: [pay(), failRefund], rows: ['payment 1250'] },
  'too little, and a refund': {
    story: [pay(600), expire(600), refund],
    rows: ['payment 600', 'refund -600'],
    alone: { rows: [], parked: [less] },
  },
  'too much, and a refund': {
    story: [pay(1300), refund],
    rows: ['payment 1300', 'refund -1300'],
    alone: { rows: ['payment 1250', 'refund -1250'], parked: [] },
  },
};

/** One row of a kind: a total may have come in parts. */
function inSum(rows: readonly string[]): string[] {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const [kind = '', cents] = row.split(' ');
    sums.set(kind, (sums.get(kind) ?? 0) + Number(cents));
  }
  return [...sums].map(([kind, cents]) => `${kind} ${cents}`).sort();
}

describe.each(Object.entries(stories))('%s', (_what, { story, rows, alone }) => {
  test.each(Object.entries(courses))('%s', async (_order, course) => {
    const played = await play(scene, story, course, own());
    const isAlone = isSilent(course);
    const expected = isAlone && alone !== undefined ? alone : { rows, parked: [] };
    const isDoubt = isAlone && alone !== undefined;
    expect({ rows: inSum(played.rows), parked: played.parked }).toEqual(expected);
    if (!isDoubt) expect(played.differences).toEqual([]);
  });
});
