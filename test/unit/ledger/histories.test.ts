import { MemoryLedger, play, randomOf, shuffled } from './histories.ts';
import type { PaymentRow } from '../../../functions/src/ledger/payment-row.ts';

const HISTORIES = 10_000;
/** HISTORIES_SEED repeats a run; a history that fails names its own seed. */
const SEED = Number(process.env['HISTORIES_SEED'] ?? Math.floor(Math.random() * 1e9));

/** The amounts that waiting rows will give back, each once. */
function givenBack(waiting: readonly PaymentRow[]): number {
  const rows = new Map(waiting.map((row) => [row.paymentId, row.amountCents]));
  return [...rows.values()].reduce((cents, amountCents) => cents + Math.max(0, amountCents), 0);
}

/** Delivers the reports, then those that had to wait, as the schedule does, until none moves. */
function deliver(
  ledger: MemoryLedger,
  reports: readonly PaymentRow[],
  between: () => void = () => undefined,
): PaymentRow[] {
  let waiting = reports.filter((row) => {
    between();
    const isDone = ledger.record(row);
    if (ledger.sum < 0) throw new Error(`the sum is ${ledger.sum} after ${row.paymentId}`);
    return !isDone;
  });
  for (let before = waiting.length + 1; waiting.length < before;) {
    before = waiting.length;
    waiting = waiting.filter(
      (row) => !ledger.record(row) && !ledger.record(row, givenBack(waiting)),
    );
  }
  return waiting;
}

test(`${HISTORIES} payments from seed ${SEED}: the rows' sum is what is left, whatever the order of the reports`, () => {
  let corrections = 0;
  for (let seed = SEED; seed < SEED + HISTORIES; seed += 1) {
    const random = randomOf(seed);
    const { left, reports } = play(random);
    const ledger = new MemoryLedger();
    const waiting = deliver(ledger, shuffled(reports, random));
    corrections += ledger.rows.size - 1;
    expect({ seed, sum: ledger.sum, waiting }).toEqual({ seed, sum: left, waiting: [] });
  }
  expect(corrections).toBeGreaterThan(HISTORIES);
});

test(`from seed ${SEED}: a report beyond the bounds waits, and the others are booked as without it`, () => {
  for (let seed = SEED; seed < SEED + HISTORIES / 10; seed += 1) {
    const random = randomOf(seed);
    const { left, reports } = play(random);
    const excess: PaymentRow = {
      paymentId: 'gateway_excess',
      gateway: 'gateway',
      kind: 'dispute',
      uid: 'user1',
      // More than a payment ever has.
      amountCents: -1_000_000,
      parentId: 'gateway_payment',
      orderId: null,
      mode: 'test',
      occurredAt: new Date(0),
    };
    const ledger = new MemoryLedger();
    const waiting = deliver(ledger, shuffled([...reports, excess], random));
    const parked = new Set(waiting.map(({ paymentId }) => paymentId));
    expect({ seed, sum: ledger.sum, parked: [...parked] }).toEqual({
      seed,
      sum: left,
      parked: ['gateway_excess'],
    });
  }
});

test(`from seed ${SEED}: a payment that is moved again and again is all of its last user, within the same bounds`, () => {
  let moves = 0;
  for (let seed = SEED; seed < SEED + HISTORIES / 10; seed += 1) {
    const random = randomOf(seed);
    const { left, reports } = play(random);
    const ledger = new MemoryLedger();
    let holder = 'user1';
    const waiting = deliver(ledger, shuffled(reports, random), () => {
      expect({ seed, sums: ledger.sums }).toEqual({
        seed,
        sums: ledger.sum === 0 ? {} : { [holder]: ledger.sum },
      });
      const to = `user${1 + Math.floor(random() * 3)}`;
      if (random() < 0.5 || !ledger.move(to)) return;
      holder = to;
      moves += 1;
    });
    const sums = left === 0 ? {} : { [holder]: left };
    expect({ seed, sums: ledger.sums, waiting }).toEqual({ seed, sums, waiting: [] });
  }
  expect(moves).toBeGreaterThan(HISTORIES / 20);
});
