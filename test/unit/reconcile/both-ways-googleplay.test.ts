import { openGateway } from '../../../functions/src/gateways/googleplay/gateway.ts';
import { openReceipts } from '../../../functions/src/stores/receipts.ts';
import { courses, play, type Scene, type Story } from '../../harness/both-ways.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { Bench, owner } from '../gateways/googleplay/bench.ts';

const own = useOwnFirestore();
const bench = new Bench();
let token = '';

beforeEach(async () => {
  bench.google.control.hold(true);
  // The buyer has bought before: the app's name of the account is known.
  await openReceipts('googleplay').claim('a'.repeat(64), owner);
});

const now = () => new Date(Date.now() + 1000);

const scene: Scene = {
  name: 'googleplay',
  // Receipts and pending purchases are those of Firestore.
  open: () => openGateway({ now }),
  sent: () =>
    bench.google.control.held().map((message) => {
      const { body, authorization } = bench.google.control.pushed(message);
      return { method: 'POST', headers: { authorization }, body: Buffer.from(body) };
    }),
  asked: () => ({
    orderId: null,
    ref: null,
    paymentId: bench.google.control.sale(token).orderId,
  }),
  now,
};

const buy =
  (quantity = 1) =>
  () => {
    token = bench.buy({ quantity, accountId: owner.accountToken }).token;
  };
const take = (quantity?: number) => () => bench.google.control.void(token, quantity);

interface Told {
  readonly story: Story;
  readonly rows: string[];
  /** Where the rows are others when only the end of the story is heard. */
  readonly late?: string[];
}

const stories: Readonly<Record<string, Told>> = {
  'a purchase': { story: [buy()], rows: ['payment 500'] },
  'a pending purchase': {
    story: [
      () => {
        token = bench.buy({ pending: true, accountId: owner.accountToken }).token;
      },
      () => bench.google.control.pay(token),
    ],
    rows: ['payment 500'],
  },
  'a refund': { story: [buy(), take()], rows: ['payment 500', 'refund -500'], late: [] },
  'a refund of a part': {
    story: [buy(3), take(1)],
    rows: ['payment 1500', 'refund -500'],
  },
  'refunds of two parts': {
    story: [buy(3), take(1), take(1)],
    rows: ['payment 1500', 'refund -500', 'refund -500'],
    late: ['payment 1500', 'refund -1000'],
  },
  'refunds of all in parts': {
    story: [buy(3), take(1), take()],
    rows: ['payment 1500', 'refund -1000', 'refund -500'],
    late: [],
  },
};

describe.each(Object.entries(stories))('%s', (_what, { story, rows, late = rows }) => {
  // Google lists refunds alone: a purchase of which nothing else tells has no row.
  const heard = Object.entries(courses).filter(([order]) => order !== 'the list alone');
  test.each(heard)('%s', async (_order, course) => {
    const expected = course.each.length === 0 ? late : rows;
    expect(await play(scene, story, course, own())).toEqual({
      rows: expected,
      parked: [],
      differences: [],
    });
  });
});
