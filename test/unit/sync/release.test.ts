import {
  BeyondBounds,
  Conflict,
  TooEarly,
  Unavailable,
  type Parkable,
} from '../../../functions/src/errors.ts';
import type { DueParkedEvent } from '../../../functions/src/ledger/parked-events.ts';
import type { Pipeline } from '../../../functions/src/pipeline.ts';
import { releaseParked } from '../../../functions/src/sync/release.ts';
import { logFromNow } from '../../harness/log.ts';
import { told } from '../../harness/own-firestore.ts';
import { paymentRow } from '../../harness/payment-row.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const start = new Date('2026-03-01T10:00:00Z');
const after = (ms: number) => new Date(start.getTime() + ms);

const refund = paymentRow({
  paymentId: 'stripe_re_1',
  kind: 'refund',
  amountCents: -500,
  parentId: 'stripe_pi_1',
});

const eventOf = (id: string, attempts = 0, row = refund): DueParkedEvent => ({
  id,
  waiting: {
    row: { ...row, paymentId: `stripe_${id}` },
    report: { gateway: 'stripe', event: { id: `evt_${id}`, type: 'refund.created' } },
    parkedAt: start,
    attempts,
  },
});

interface Given {
  readonly due: readonly DueParkedEvent[];
  /** What recording a row throws; its payment id, and the cents that it expects, are given. */
  readonly record?: (paymentId: string, expectedCents: number) => void;
  readonly now?: () => Date;
  readonly until?: Date;
  readonly waitingCents?: number;
  /** What Firestore throws after it has postponed an event. */
  readonly postponeFails?: Error;
}

/** Runs the release over books that note what is done to them. */
async function run({ due, record, now = () => start, until = after(MINUTE_MS), ...given }: Given) {
  const done: string[] = [];
  const released: unknown[] = [];
  const note = (act: string) => done.push(act);
  const result = { uid: 'ann', isNew: true, due: undefined, isOwnerless: false };
  const pipeline = {
    now,
    random: () => 1,
    ledger: {
      record: async (
        { paymentId }: { paymentId: string },
        at: Date,
        leaseMs: number,
        expectedCents: number,
      ) => {
        released.push([paymentId, at, leaseMs]);
        record?.(paymentId, expectedCents);
        return result;
      },
    },
    parked: {
      due: async (at: Date, limit: number) => {
        note(`due ${at.toISOString()} ${limit}`);
        return due;
      },
      resolve: async (id: string, by: readonly string[], at: Date) =>
        note(`resolved ${id} by ${by.join()} ${at.toISOString()}`),
      postpone: async (id: string, at: Date) => note(`postponed ${id} ${at.toISOString()}`),
      giveUp: async (id: string) => {
        note(`postponed ${id} for a person`);
        if (given.postponeFails !== undefined) throw given.postponeFails;
      },
      park: async (_report: unknown, error: Parkable, row: { paymentId: string }) =>
        note(`parked ${row.paymentId} ${error.reason}`),
      waitingCents: async (paymentId: string) => {
        note(`asked ${paymentId}`);
        return given.waitingCents ?? 0;
      },
    },
  } as unknown as Pipeline;
  const logged = logFromNow();
  const count = await releaseParked(pipeline, until);
  return { count, done: done.slice(1), asked: done[0], released, lines: told(logged()), logged };
}

const throwing = (error: Error) => () => {
  throw error;
};

test('rows whose payment has come are written, due at once, and counted', async () => {
  const { count, done, asked, released, lines } = await run({ due: [eventOf('a'), eventOf('b')] });
  expect(asked).toBe(`due ${start.toISOString()} 100`);
  expect(count).toBe(2);
  expect(released).toEqual([
    ['stripe_a', start, 0],
    ['stripe_b', start, 0],
  ]);
  expect(done).toEqual([
    `resolved a by stripe_a ${start.toISOString()}`,
    `resolved b by stripe_b ${start.toISOString()}`,
  ]);
  expect(lines).toEqual([]);
});

test('one that fails keeps no other from its release', async () => {
  const record = (paymentId: string) => {
    if (paymentId === 'stripe_a') throw new Unavailable('Firestore did not answer.');
  };
  const { count, done, lines, logged } = await run({ due: [eventOf('a'), eventOf('b')], record });
  expect(count).toBe(1);
  expect(done).toEqual([`resolved b by stripe_b ${start.toISOString()}`]);
  expect(lines).toEqual(['WARNING Firestore did not answer.']);
  expect(logged()[0]).toContain('"parked_id":"a"');
});

test('out of time no further one is tried; the last moment is in time', async () => {
  const times = [start, after(MINUTE_MS), after(MINUTE_MS + 1)];
  const now = () => times.shift() ?? after(2 * MINUTE_MS);
  const { released } = await run({ due: [eventOf('a'), eventOf('b')], now });
  expect(released).toHaveLength(1);
});

test.each([
  ['its payment has not come', new TooEarly('no')],
  ['its payment has no room', new BeyondBounds('too much')],
])('%s: postponed by a growing pause, and nobody is told', async (_name, error) => {
  const due = [eventOf('a'), eventOf('b', 3)];
  const { count, done, lines } = await run({ due, record: throwing(error) });
  expect(count).toBe(0);
  expect(done.filter((act) => !act.startsWith('asked'))).toEqual([
    `postponed a ${after(MINUTE_MS).toISOString()}`,
    `postponed b ${after(8 * MINUTE_MS).toISOString()}`,
  ]);
  expect(lines).toEqual([]);
});

test('after thirty days, and no earlier, it is left to a person, who is told', async () => {
  const record = throwing(new TooEarly('no'));
  const at = (ms: number) => ({ now: () => after(ms), until: after(ms) });
  const inTime = await run({ due: [eventOf('a')], record, ...at(30 * DAY_MS) });
  expect(inTime.done[0]).toMatch(/^postponed a 2026/);
  const { done, lines, logged } = await run({
    due: [eventOf('a')],
    record,
    ...at(30 * DAY_MS + 1),
  });
  expect(done).toEqual(['postponed a for a person']);
  expect(lines).toEqual(['ERROR a parked row has waited too long for its payment']);
  expect(logged()[0]).toContain('"parked_id":"a"');
});

test('a person is told even when it is not known whether the row still waits', async () => {
  const { lines } = await run({
    due: [eventOf('a')],
    record: throwing(new TooEarly('no')),
    now: () => after(31 * DAY_MS),
    until: after(31 * DAY_MS),
    postponeFails: new Unavailable('Firestore did not answer.'),
  });
  expect(lines).toContain('ERROR a parked row has waited too long for its payment');
});

test('a conflict is parked as one, and the row waits no more', async () => {
  const { count, done, lines } = await run({
    due: [eventOf('a')],
    record: throwing(new Conflict('taken')),
  });
  expect(count).toBe(0);
  expect(done).toEqual(['parked stripe_a conflict', 'postponed a for a person']);
  expect(lines).toEqual(['ERROR taken', 'ERROR a parked row is in conflict']);
});

test('a document that cannot be read is left to a person, who is told', async () => {
  const { count, done, released, lines } = await run({ due: [{ id: 'a', waiting: undefined }] });
  expect([count, released]).toEqual([0, []]);
  expect(done).toEqual(['postponed a for a person']);
  expect(lines).toEqual(['ERROR a parked event cannot be read']);
});

describe('a row that takes more than its payment has', () => {
  const beyondUnless = (cents: number) => (_paymentId: string, expectedCents: number) => {
    if (expectedCents < cents) throw new BeyondBounds('too much');
  };

  test('is written when rows that wait give as much back', async () => {
    const given = { due: [eventOf('a')], record: beyondUnless(500), waitingCents: 500 };
    const { count, done, released } = await run(given);
    expect(count).toBe(1);
    expect(done).toEqual(['asked stripe_pi_1', `resolved a by stripe_a ${start.toISOString()}`]);
    expect(released).toEqual(Array(2).fill(['stripe_a', start, 0]));
  });

  test('waits when they give too little', async () => {
    const given = { due: [eventOf('a')], record: beyondUnless(500), waitingCents: 499 };
    const { count, done } = await run(given);
    expect(count).toBe(0);
    expect(done[1]).toMatch(/^postponed a 2026/);
  });

  test('but what gives back, or corrects nothing, is not measured by others', async () => {
    const back = { ...refund, amountCents: 500 };
    const payment = { ...refund, parentId: null };
    const due = [eventOf('a', 0, back), eventOf('b', 0, payment)];
    const { done } = await run({ due, record: beyondUnless(1), waitingCents: 500 });
    expect(done.filter((act) => act.startsWith('asked'))).toEqual([]);
    expect(done).toHaveLength(2);
  });
});
