import { openGateway } from '../../../functions/src/gateways/paypal/gateway.ts';
import { courses, play, type Scene, type Story } from '../../harness/both-ways.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import type { Capture } from '../../standins/paypal/objects.ts';
import { order, pay as payNow, useStandin } from '../gateways/paypal/bench.ts';

const own = useOwnFirestore();
const paypal = useStandin();

/** The capture of the story, and its last refund. */
let capture = '';
let refunded = '';

const scene: Scene = {
  name: 'paypal',
  open: ({ ledger }) =>
    openGateway({
      orders: { find: async (id) => (id === order.orderId ? order : undefined) },
      ledger,
    }),
  sent: () =>
    paypal()
      .control.events()
      .map((event) => {
        const { body, headers } = paypal().control.signed(event);
        return { method: 'POST', headers, body: Buffer.from(body) };
      }),
  asked: () => {
    const { supplementary_data: data } = paypal().control.object(capture) as Capture;
    return { orderId: order.orderId, ref: data.related_ids.order_id, paymentId: null };
  },
  now: () => new Date(Date.now() + 1000),
};

const pay = () => (capture = payNow(paypal().control));
const refund = (cents?: number, status?: string) => () => {
  const options = status === undefined ? {} : { status };
  refunded = paypal().control.refund(capture, cents, options).id;
};
const fail = () => paypal().control.failRefund(refunded);
const reverse = (cents?: number) => () => {
  refunded = paypal().control.reverse(capture, cents).id;
};
const reverseCapture = () => paypal().control.reverseCapture(capture);

interface Told {
  readonly story: Story;
  readonly rows: string[];
  /** Where the rows are others when only the end of the story is heard. */
  readonly late?: string[];
  /** Whether a person is asked then. */
  readonly isAsked?: true;
}

const stories: Readonly<Record<string, Told>> = {
  'a payment': { story: [pay], rows: ['payment 1500'] },
  'two refunds': {
    story: [pay, refund(400), refund(500)],
    rows: ['payment 1500', 'refund -400', 'refund -500'],
  },
  'refunds of all': {
    story: [pay, refund(400), refund(1100)],
    rows: ['payment 1500', 'refund -1100', 'refund -400'],
  },
  'a payment that PayPal holds first': {
    story: [
      () => (capture = payNow(paypal().control, 'PENDING')),
      () => paypal().control.release(capture),
    ],
    rows: ['payment 1500'],
  },
  'a payment that PayPal holds and denies': {
    story: [
      () => (capture = payNow(paypal().control, 'PENDING')),
      () => paypal().control.deny(capture),
    ],
    rows: [],
  },
  'an order that was captured twice': {
    story: [
      pay,
      () => {
        const { supplementary_data: data } = paypal().control.object(capture) as Capture;
        paypal().control.captureAgain(data.related_ids.order_id);
      },
      refund(400),
    ],
    rows: ['payment 1500', 'payment 1500', 'refund -400'],
  },
  'a refund that is pending': {
    story: [pay, refund(400, 'PENDING')],
    rows: ['payment 1500', 'refund -400'],
  },
  'a refund that failed': {
    story: [pay, refund(), fail],
    rows: ['payment 1500', 'refund -1500', 'refund_failed 1500'],
    late: ['payment 1500'],
  },
  'a refund that failed, and another': {
    story: [pay, refund(400), fail, refund(1500)],
    rows: ['payment 1500', 'refund -1500', 'refund -400', 'refund_failed 400'],
    late: ['payment 1500', 'refund -1500'],
  },
  'a reversal told as a refund': {
    story: [pay, reverse(600)],
    rows: ['payment 1500', 'refund -600'],
  },
  'a reversal told as a refund, that failed': {
    story: [pay, reverse(600), fail],
    rows: ['payment 1500', 'refund -600', 'refund_failed 600'],
    late: ['payment 1500'],
    isAsked: true,
  },
  'a reversal told as the capture': {
    story: [pay, refund(400), reverseCapture],
    rows: ['payment 1500', 'refund -1100', 'refund -400'],
  },
  'a reversal told as the capture, then as a refund': {
    story: [pay, refund(400), reverseCapture, reverse()],
    rows: ['payment 1500', 'refund -1100', 'refund -400'],
  },
};

/** The list of transactions is played where nothing else may have told before. */
const ordersOf = (list: string) =>
  Object.entries(courses).filter(([name]) => list === 'events' || name.startsWith('the list'));

describe.each(['events', 'transactions'])('a list of %s', (list) => {
  beforeEach(() => {
    if (list === 'events') return;
    paypal().control.search({ isPermitted: true });
    setEnvironment({ PAYPAL_TRANSACTION_SEARCH: 'true' });
  });

  describe.each(Object.entries(stories))('%s', (_what, { story, rows, late = rows, isAsked }) => {
    test.each(ordersOf(list))('%s', async (_order, course) => {
      const { rows: booked, parked, differences } = await play(scene, story, course, own());
      const isLate = course.each.length === 0;
      // PayPal's objects do not tell a reversal from a refund.
      const told = booked.map((row) => row.replace(/^dispute /, 'refund ')).sort();
      expect(told).toEqual(isLate ? late : rows);
      expect(differences).toEqual([]);
      if (!isLate || isAsked !== true) expect(parked).toEqual([]);
    });
  });
});
