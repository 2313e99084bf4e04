import { openGateway } from '../../../functions/src/gateways/wayforpay/gateway.ts';
import { courses, play, type Scene, type Story } from '../../harness/both-ways.ts';
import { orderBook, orderOf } from '../../harness/orders.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import type { Status } from '../../standins/wayforpay/merchant.ts';
import type { WayforpayStandin } from '../../standins/wayforpay/server.ts';
import { ORDER, request, startStandin } from '../gateways/wayforpay/bench.ts';

const own = useOwnFirestore();
const order = orderOf({ orderId: ORDER, gateway: 'wayforpay', amountCents: 1250 });

let wayforpay: WayforpayStandin;

beforeEach(async () => {
  wayforpay = await startStandin();
  wayforpay.control.createForeignOrder(ORDER, 1250);
});

afterEach(() => wayforpay.stop());

const now = () => new Date(Date.now() + 1000);

const scene: Scene = {
  name: 'wayforpay',
  open: () => openGateway({ orders: orderBook(order), now }),
  sent: () => wayforpay.control.notices().map(({ body }) => request(body)),
  asked: () => ({ orderId: ORDER, ref: ORDER, paymentId: null }),
  now,
};

const pay = () => wayforpay.control.pay(ORDER);
const refund = (cents?: number) => () => wayforpay.control.refund(ORDER, cents);
const become = (status: Status) => () => wayforpay.control.become(ORDER, status);

/** Refunds are a total: in `late`, what is booked when only the end of the story is heard. */
const stories: Readonly<Record<string, { story: Story; rows: string[]; late?: string[] }>> = {
  'a payment': { story: [become('InProcessing'), pay], rows: ['payment 1250'] },
  'a refund of all': { story: [pay, refund()], rows: ['payment 1250', 'refund -1250'] },
  'a refund that takes a while': {
    story: [pay, become('RefundInProcessing'), refund()],
    rows: ['payment 1250', 'refund -1250'],
  },
  'two refunds': {
    story: [pay, refund(300), refund(450)],
    rows: ['payment 1250', 'refund -300', 'refund -450'],
    late: ['payment 1250', 'refund -750'],
  },
  'refunds of all in parts': {
    story: [pay, refund(300), refund(950)],
    rows: ['payment 1250', 'refund -300', 'refund -950'],
    late: ['payment 1250', 'refund -1250'],
  },
  'a void': { story: [pay, become('Voided')], rows: ['payment 1250', 'refund -1250'] },
  'a payment that was declined': { story: [become('Declined')], rows: [] },
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
