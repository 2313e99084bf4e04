import { openGateway } from '../../../functions/src/gateways/payeer/gateway.ts';
import { courses, isSilent, play, type Scene, type Story } from '../../harness/both-ways.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { orderBook, orderOf } from '../../harness/orders.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { request } from '../gateways/payeer/bench.ts';
import { FIRST, Look, NOW } from '../gateways/payeer/look.ts';

const own = useOwnFirestore();
const order = orderOf({ orderId: FIRST, gateway: 'payeer', amountCents: 2500 });
let clock = NOW.getTime();
const now = () => new Date((clock += 1000));

let look: Look;

const scene: Scene = {
  name: 'payeer',
  // The rows are those of Firestore.
  open: () => openGateway({ orders: orderBook(order), now }),
  sent: () => look.payeer.control.notices().map(({ body }) => request(body)),
  asked: () => ({ orderId: FIRST, ref: FIRST, paymentId: null }),
  now,
};

const pay = () => look.payeer.control.pay(FIRST);
const fail = () => look.payeer.control.fail(FIRST);

const stories: Readonly<Record<string, { story: Story; rows: string[] }>> = {
  'a payment': { story: [pay], rows: ['payment 2500'] },
  'a payment that failed first': { story: [fail, pay], rows: ['payment 2500'] },
  'an order that is paid twice': { story: [pay, pay], rows: ['payment 2500', 'payment 2500'] },
};

describe.each([
  ['the API has the same numbers, and books', 'same', 'true'],
  ['the API has the same numbers, and does not book', 'same', undefined],
  ['the API has other numbers, and does not book', 'other', undefined],
] as const)('%s', (_api, numbers, books) => {
  beforeEach(async () => {
    look = await Look.start(numbers);
    setEnvironment({ PAYEER_API_BOOKS: books });
    await look.begin(FIRST);
  });

  afterEach(() => look.stop());

  describe.each(Object.entries(stories))('%s', (_what, { story, rows }) => {
    test.each(Object.entries(courses))('%s', async (_order, course) => {
      const played = await play(scene, story, course, own());
      const isAlone = isSilent(course);
      if (isAlone && books === undefined) {
        expect(played.rows).toEqual([]);
        expect(played.parked).toHaveLength(rows.length);
      } else {
        expect(played).toEqual({ rows, parked: [], differences: [] });
      }
    });
  });
});
