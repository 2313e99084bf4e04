import { openGateway } from '../../../functions/src/gateways/appstore/gateway.ts';
import { accountToken } from '../../../functions/src/stores/account-token.ts';
import { openReceipts } from '../../../functions/src/stores/receipts.ts';
import { courses, play, type Scene, type Story } from '../../harness/both-ways.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { requestOf } from '../gateways/appstore/bench.ts';
import { StoreBench } from '../gateways/appstore/store-bench.ts';

const own = useOwnFirestore();
const bench = new StoreBench();
let id = '';

beforeEach(async () => {
  // The buyer has bought before: the app's name of the account is known.
  const owner = { uid: 'user1', accountToken: accountToken('user1') };
  await openReceipts('appstore').claim('an earlier one', owner);
});

/** The stand-in signs no two things in one millisecond, so it may be ahead. */
const now = () => new Date(Date.now() + 60_000);

const scene: Scene = {
  name: 'appstore',
  // Receipts are those of Firestore.
  open: () => openGateway({ now }),
  sent: () => bench.store.notifications().map(({ body }) => requestOf(body)),
  asked: () => ({ orderId: null, ref: null, paymentId: `sandbox-${id}` }),
  now,
};

const buy = async () => {
  id = await bench.bought();
  bench.store.notify('ONE_TIME_CHARGE', id);
};
const refund = (percentage?: number) => () => {
  bench.store.refund(id, percentage);
};
const reverse = () => {
  bench.store.reverseRefund(id);
};
const ask = () => bench.store.notify('CONSUMPTION_REQUEST', id);

interface Told {
  readonly story: Story;
  readonly rows: string[];
  /** What may be booked instead when the end of the story is heard first. */
  readonly late?: string[];
}

const stories: Readonly<Record<string, Told>> = {
  'a purchase': { story: [buy], rows: ['payment 499'] },
  'a refund': { story: [buy, ask, refund()], rows: ['payment 499', 'refund -499'], late: [] },
  'a refund of a part': { story: [buy, refund(33_333)], rows: ['payment 499', 'refund -166'] },
  'a refund of a part, then of all': {
    story: [buy, refund(33_333), refund()],
    rows: ['payment 499', 'refund -166', 'refund -333'],
    late: [],
  },
  'a refund that was reversed': {
    story: [buy, refund(), reverse],
    rows: ['payment 499', 'refund -499', 'refund_reversed 499'],
  },
};

describe.each(Object.entries(stories))('%s', (_what, { story, rows, late = rows }) => {
  test.each(Object.entries(courses))('%s', async (_order, course) => {
    const played = await play(scene, story, course, own());
    expect(course.each.length === 0 ? [rows, late] : [rows]).toContainEqual(played.rows);
    expect(played).toMatchObject({ parked: [], differences: [] });
  });
});
