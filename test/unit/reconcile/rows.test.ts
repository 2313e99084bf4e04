import { Timestamp } from '../../../functions/src/firestore/client/index.ts';
import { lookThrough } from '../../../functions/src/reconcile/history.ts';
import type { Movement } from '../../../functions/src/movement.ts';
import { toPaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { logFromNow } from '../../harness/log.ts';
import { told, useOwnFirestore } from '../../harness/own-firestore.ts';
import {
  HOUR_MS,
  MINUTE_MS,
  movement,
  NAME,
  openLook,
  pipelineOf,
  Till,
} from '../../harness/second-look.ts';

const own = useOwnFirestore();
const start = Date.parse('2026-03-31T10:00:00Z');
let clock = start;
const now = () => new Date(clock);
let till: Till;

beforeEach(async () => {
  clock = start;
  till = new Till();
  await run();
  clock += 30 * MINUTE_MS;
});

const pipeline = () => pipelineOf(own().firestore, now);
const run = async () => lookThrough(await openLook(till, pipeline()));
const paid = (given: Partial<Movement> & { id: string }) =>
  movement({ occurredAt: now(), ...given });

/** Writes a row as the ledger does. */
async function book(given: Movement): Promise<void> {
  await pipeline().ledger.record(toPaymentRow(NAME, given), now(), 0);
}

/** What is told of the rows within the next hours of looks. */
async function alerts(): Promise<string[]> {
  const logged = logFromNow();
  for (let hours = 0; hours < 4; hours += 1) {
    clock += HOUR_MS;
    await run();
  }
  return told(logged()).filter((line) => line.startsWith('ERROR'));
}

const NOTHING =
  'ERROR The gateway has nothing that this row could stand for: nothing at the gateway, 15.00 USD booked.';

test('a row that the gateway lists is not asked about', async () => {
  till.hold(paid({ id: 'a' }));
  await book(paid({ id: 'a' }));
  expect(await alerts()).toEqual([]);
  expect(till.calls.filter((call) => call.startsWith('inquire'))).toEqual([]);
});

test('a row that the gateway does not list, and knows, is asked about once', async () => {
  const old = paid({ id: 'a', occurredAt: new Date(start - 40 * 24 * HOUR_MS) });
  till.hold(old);
  await book(old);
  expect(await alerts()).toEqual([]);
  expect(till.calls.filter((call) => call.startsWith('inquire'))).toEqual(['inquire a']);
});

test('a row that the gateway knows nothing of is one alert, with both sides', async () => {
  await book(paid({ id: 'a' }));
  expect(await alerts()).toEqual([NOTHING]);
  expect(await own().all('tn_parked_events')).toMatchObject([
    { reason: 'conflict', subjects: ['till_a'], gateway: 'till', row: null },
  ]);
});

test('a second row of one payment, made by hand, is one alert', async () => {
  till.hold(paid({ id: 'a', orderId: 'order1' }));
  await book(paid({ id: 'a', orderId: 'order1' }));
  await book(paid({ id: 'a-again', orderId: 'order1' }));
  expect(await alerts()).toEqual([NOTHING]);
});

test('a refund that the gateway does not have is one alert, and its payment none', async () => {
  till.hold(paid({ id: 'a' }));
  await book(paid({ id: 'a' }));
  await book(paid({ id: 'r', kind: 'refund', amountCents: -200, parentId: 'a' }));
  expect(await alerts()).toEqual([
    'ERROR The gateway has nothing that this row could stand for: nothing at the gateway, -2.00 USD booked.',
  ]);
});

test.each<[string, Partial<Movement>, string]>([
  [
    'another amount',
    { amountCents: 1400 },
    'ERROR The gateway reports 15.00 USD, and the row has 14.00 USD.',
  ],
  ['another user', { uid: 'eve' }, "ERROR The payment id is taken by another user's movement."],
])('a row with %s is one alert, with both sides', async (_name, change, line) => {
  till.hold(paid({ id: 'a' }));
  await book(paid({ id: 'a', ...change }));
  expect(await alerts()).toEqual([line]);
});

test('more than the total of a gateway is one alert', async () => {
  till.hold(paid({ id: 'a', isTotal: true }));
  await book(paid({ id: 'a' }));
  await book(paid({ id: 'a-x', parentId: 'a', amountCents: 300 }));
  expect(await alerts()).toEqual([
    'ERROR More is booked than the gateway reports: 15.00 USD at the gateway, 18.00 USD booked.',
  ]);
});

test('a payment of a deleted account differs in nothing', async () => {
  till.hold(paid({ id: 'a' }));
  await book(paid({ id: 'a' }));
  await own().doc('tn_payments/till_a').update({ uid: '(deleted account)' });
  expect(await alerts()).toEqual([]);
});

test('a row without a counterpart is asked about again, and found when the gateway has it', async () => {
  await book(paid({ id: 'a' }));
  expect(await alerts()).toEqual([NOTHING]);
  till.hold(paid({ id: 'a' }));
  const { reconcile } = await import('../../../functions/src/reconcile/reconcile.ts');
  await reconcile(await openLook(till, pipeline()));
  expect(await own().all('tn_parked_events')).toMatchObject([{ resolved_by: ['till_a'] }]);
});

test.each(['', 'a/b', 7])(
  'a row by hand with the parent id %p does not stop the list',
  async (parent) => {
    await own()
      .doc('tn_payments/till_hand')
      .set({ gateway: NAME, created_at: now(), parent_id: parent, amount: 1500, uid: 'ann' });
    expect(await alerts()).toHaveLength(1);
    expect((await own().read('tn_looks/till'))?.['until']).toEqual(Timestamp.fromMillis(clock));
  },
);

test('a row that is written while its payment is asked about is no difference', async () => {
  const old = paid({ id: 'a', occurredAt: new Date(start - 40 * 24 * HOUR_MS) });
  const back = paid({ id: 'r', kind: 'refund', amountCents: -100, parentId: 'a' });
  till.hold(old);
  await book(old);
  clock += HOUR_MS;
  const opened = await openLook(till, pipeline());
  const { inquire } = opened.gateway;
  const logged = logFromNow();
  await lookThrough({
    ...opened,
    gateway: {
      ...opened.gateway,
      inquire: async (asked) => {
        const answer = (await inquire?.(asked)) ?? [];
        clock += 5;
        await book({ ...back, occurredAt: now() });
        till.hold({ ...back, occurredAt: now() });
        return answer;
      },
    },
  });
  expect(told(logged()).filter((line) => line.startsWith('ERROR'))).toEqual([]);
  expect(await own().all('tn_parked_events')).toEqual([]);
});

test('a row of more than the total of its payment is told', async () => {
  till.hold(paid({ id: 'a', isTotal: true }));
  await book(paid({ id: 'a', amountCents: 1800 }));
  expect(await alerts()).toEqual([
    'ERROR More is booked than the gateway reports: 15.00 USD at the gateway, 18.00 USD booked.',
  ]);
});

test('a row whose question always fails does not stop the list', async () => {
  await book(paid({ id: 'bad' }));
  await book(paid({ id: 'unknown' }));
  const opened = await openLook(till, pipeline());
  const { inquire } = opened.gateway;
  const gateway = {
    ...opened.gateway,
    inquire: async (asked: Parameters<NonNullable<typeof inquire>>[0]) => {
      if (asked.paymentId === 'bad') throw new TypeError('bug');
      return (await inquire?.(asked)) ?? [];
    },
  };
  const logged = logFromNow();
  for (let hour = 0; hour < 4; hour += 1) {
    clock += HOUR_MS;
    await lookThrough({ ...(await openLook(till, pipeline())), gateway });
  }
  expect((await own().read('tn_looks/till'))?.['until']).toEqual(Timestamp.fromMillis(clock));
  expect(told(logged()).filter((line) => line.startsWith('ERROR'))).toEqual([
    'ERROR unexpected error',
    'ERROR The gateway cannot be asked about this row: see the error before.',
    NOTHING,
  ]);
});
