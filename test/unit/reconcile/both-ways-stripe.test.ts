import { openGateway } from '../../../functions/src/gateways/stripe/gateway.ts';
import { courses, play, type Scene, type Story } from '../../harness/both-ways.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { orderBook } from '../../harness/orders.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { startStripe, type StripeStandin } from '../../standins/stripe/server.ts';

const own = useOwnFirestore();
const KEY = 'sk_test_standin';

let clock: number;
let standin: StripeStandin;
const stripe = () => standin.control;
/** The intent of the story. */
let intent: string;

beforeEach(async () => {
  clock = Date.parse('2026-03-01T10:00:00Z');
  standin = await startStripe({ apiKey: KEY, webhookSecret: 'whsec_standin', now: () => clock });
  setEnvironment({
    PAYMENTS_MODE: 'test',
    STRIPE_SECRET_KEY: KEY,
    STRIPE_WEBHOOK_SECRET: 'whsec_standin',
    STRIPE_API_URL: standin.origin,
  });
  const metadata = {
    purpose: 'balance_topup',
    deployment: 'project1',
    uid: 'user1',
    order_id: '0123456789abcdef0123456789abcdef',
  };
  intent = stripe().createForeignIntent({ captureMethod: 'manual', metadata }).id;
});

afterEach(() => standin.stop());

const scene: Scene = {
  name: 'stripe',
  open: () =>
    openGateway({ orders: orderBook(), deployment: 'project1', now: () => new Date(clock) }),
  sent: () =>
    stripe()
      .events()
      .map((event) => {
        const { body, header } = stripe().signed(event);
        return { method: 'POST', headers: { 'stripe-signature': header }, body: Buffer.from(body) };
      }),
  asked: () => ({ orderId: null, ref: intent, paymentId: null }),
  now: () => new Date(clock),
};

/** The clock moves between the steps. */
const later = (step: () => unknown) => () => {
  clock += 60_000;
  step();
  clock += 60_000;
};

const hold = later(() => stripe().confirm(intent));
const pay = later(() => {
  stripe().confirm(intent);
  stripe().captureFromDashboard(intent);
});
const review = later(() => stripe().confirm(intent, { review: true }));
const approve = later(() => stripe().approveReview(intent));
const reject = later(() => stripe().closeReview(intent, 'refunded_as_fraud'));
const payLess = later(() => {
  stripe().confirm(intent);
  stripe().captureFromDashboard(intent, 900);
});
const refund = (cents?: number) => later(() => stripe().refund(intent, cents));
let failing: string;
let disputed: string;
const pendingRefund = later(() => {
  failing = stripe().refund(intent, 200, { status: 'pending' }).id;
});
const fail = later(() => stripe().failRefund(failing));
const dispute = later(() => {
  disputed = stripe().dispute(intent, { amount: 1000 }).id;
});
const withdraw = later(() => stripe().withdrawDispute(disputed));
const win = later(() => stripe().winDispute(disputed));

/** The rows; in `late`, where they are fewer when only the end of the story is heard. */
const stories: Readonly<Record<string, { story: Story; rows: string[]; late?: string[] }>> = {
  'a payment that is held': { story: [hold], rows: ['payment 1500'] },
  'a payment that is reviewed': { story: [review, approve], rows: ['payment 1500'] },
  'a payment that is refused': { story: [review, reject], rows: [] },
  'a part that is captured': {
    story: [payLess, refund(300)],
    rows: ['payment 900', 'refund -300'],
  },
  'a payment': { story: [pay], rows: ['payment 1500'] },
  'two refunds': {
    story: [pay, refund(300), refund(400)],
    rows: ['payment 1500', 'refund -300', 'refund -400'],
  },
  'a refund of all': { story: [pay, refund()], rows: ['payment 1500', 'refund -1500'] },
  'a refund that failed': {
    story: [pay, pendingRefund, fail],
    rows: ['payment 1500', 'refund -200', 'refund_failed 200'],
    late: ['payment 1500'],
  },
  'a dispute that was won': {
    story: [pay, dispute, withdraw, win],
    rows: ['dispute -1000', 'dispute_reversed 1000', 'payment 1500'],
  },
  everything: {
    story: [pay, refund(300), dispute, withdraw, pendingRefund, win, fail, refund(100)],
    rows: [
      'dispute -1000',
      'dispute_reversed 1000',
      'payment 1500',
      'refund -100',
      'refund -200',
      'refund -300',
      'refund_failed 200',
    ],
    late: ['dispute -1000', 'dispute_reversed 1000', 'payment 1500', 'refund -100', 'refund -300'],
  },
};

describe.each(Object.entries(stories))('%s', (_what, { story, rows, late = rows }) => {
  test.each(Object.entries(courses))('%s', async (_order, course) => {
    const expected = course.each.length === 0 ? late : rows;
    expect(await play(scene, story, course, own())).toEqual({
      rows: expected,
      parked: [],
      differences: [],
    });
  });
});
