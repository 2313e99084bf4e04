import { openGateway } from '../../../functions/src/gateways/anypay/gateway.ts';
import { courses, play, type Scene, type Story } from '../../harness/both-ways.ts';
import { orderBook, orderOf } from '../../harness/orders.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import type { AnypayStandin } from '../../standins/anypay/server.ts';
import { ORDER, request, startStandin } from '../gateways/anypay/bench.ts';

const own = useOwnFirestore();
const order = orderOf({ orderId: ORDER, gateway: 'anypay', amountCents: 2500 });

let anypay: AnypayStandin;

beforeEach(async () => {
  anypay = await startStandin('sha256');
  anypay.control.createForeignPayment(ORDER, 25);
});

afterEach(() => anypay.stop());

const now = () => new Date('2026-10-23T09:02:00Z');

const scene: Scene = {
  name: 'anypay',
  open: () => openGateway({ orders: orderBook(order), now }),
  sent: () => anypay.control.notices().map(({ body }) => request(body)),
  asked: () => ({ orderId: ORDER, ref: ORDER, paymentId: null }),
  now,
};

const pay = () => anypay.control.pay(ORDER);
const refund = () => anypay.control.become(ORDER, 'refund');

const stories: Readonly<Record<string, { story: Story; rows: string[] }>> = {
  'a payment': { story: [pay], rows: ['payment 2500'] },
  'a payment that expired before': {
    story: [() => anypay.control.become(ORDER, 'expired'), pay],
    rows: ['payment 2500'],
  },
  'a refund': { story: [pay, refund], rows: ['payment 2500', 'refund -2500'] },
  'a payment that is held in part before': {
    story: [() => anypay.control.become(ORDER, 'partially-paid'), pay],
    rows: ['payment 2500'],
  },
  'an order that is paid twice, and paid back once': {
    story: [pay, pay, refund],
    rows: ['payment 2500', 'payment 2500', 'refund -2500'],
  },
};

describe.each(Object.entries(stories))('%s', (_what, { story, rows }) => {
  test.each(Object.entries(courses))('%s', async (_order, course) => {
    expect(await play(scene, story, course, own())).toEqual({ rows, parked: [], differences: [] });
  });
});
