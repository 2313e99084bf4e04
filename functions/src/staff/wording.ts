import type { FoundRow } from '../ledger/lookup';
import { signedDecimalOf } from '../money';
import { faultOf, stateOf } from './replies';

/** One line of a story. */
export interface Line {
  /** Null for how it stands now. */
  readonly at: Date | null;
  readonly text: string;
  /** What it means for the balance. */
  readonly balance: string | null;
}

/** US cents as `15.00 USD`; a broken amount says so. */
export function usd(cents: number | null): string {
  return cents === null ? 'an unreadable amount' : `${signedDecimalOf(cents)} USD`;
}

/** With its sign: `+15.00 USD`. */
export function signedUsd(cents: number | null): string {
  return cents !== null && cents > 0 ? `+${usd(cents)}` : usd(cents);
}

/** A time as `2026-11-29 15:30 UTC`. */
export function timeOf(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What a gateway tells, by the kind of the row. */
const told: Readonly<Record<string, (amount: string) => string>> = {
  payment: (amount) => `Paid: the gateway took ${amount}.`,
  refund: (amount) => `Refunded: the gateway gave ${amount} back.`,
  refund_failed: (amount) => `A refund failed: ${amount} came back from it.`,
  refund_reversed: (amount) => `A refund was reversed: ${amount} was taken again.`,
  dispute: (amount) => `Disputed: the gateway took ${amount} from us.`,
  dispute_reversed: (amount) => `The dispute was won: the gateway gave us ${amount} back.`,
};

/** A row, from what the gateway told to where it is now. */
export function linesOfRow(row: FoundRow): Line[] {
  const { amountCents, kind, occurredAt, createdAt } = row;
  const size = usd(amountCents === null ? null : Math.abs(amountCents));
  const words = told[kind] ?? ((amount: string) => `A row of the kind “${kind}”: ${amount}.`);
  const byStaff = wordsOfStaff[kind];
  const text = byStaff === undefined ? words(size) : byStaff(row, size);
  return [
    { at: occurredAt, text, balance: null },
    {
      at: createdAt,
      text: `Booked: the row ${row.paymentId}.`,
      balance: `${signedUsd(amountCents)}, once it is pushed`,
    },
    pushOf(row),
  ];
}

/** What the staff has booked, by the kind of the row. */
const wordsOfStaff: Readonly<Record<string, (row: FoundRow, size: string) => string>> = {
  adjustment: ({ amountCents }, size) =>
    `Adjusted by the staff: ${size} was ${isTaken(amountCents) ? 'taken' : 'given'}.`,
  move: ({ amountCents, uid }, size) =>
    isTaken(amountCents)
      ? `Moved by the staff: ${size} was taken from the user ${uid}.`
      : `Moved by the staff: ${size} was given to the user ${uid}.`,
};

function isTaken(cents: number | null): boolean {
  return cents !== null && cents < 0;
}

function pushOf(row: FoundRow): Line {
  const { amountCents, attempts, nextSyncAt } = row;
  const fault = faultOf(row);
  switch (stateOf(row)) {
    case 'synced':
      return { at: row.syncedAt, text: pushed(row), balance: `${signedUsd(amountCents)}, done` };
    case 'ownerless':
      return {
        at: null,
        text: `Not pushed: the account of ${row.paymentId} was deleted. Settle the money with the gateway.`,
        balance: 'none is left',
      };
    case 'refused':
      return {
        at: null,
        text: `Refused by the Retail API: ${fault ?? ''}, after ${times(attempts)}. Mend the cause, then: npm run ops -- refused --retry ${row.paymentId}`,
        balance: `${signedUsd(amountCents)} is missing`,
      };
    case 'waiting':
      return {
        at: null,
        text: `Waits for its push${fault === null ? '' : `; the last one came to ${fault}`}. ${
          nextSyncAt === null ? 'No schedule will push it.' : `Next try: ${timeOf(nextSyncAt)}.`
        }`,
        balance: `${signedUsd(amountCents)} is missing`,
      };
  }
}

function pushed({ syncedAs, syncedTry }: FoundRow): string {
  const which = syncedTry === null ? '' : `, on try ${syncedTry}`;
  return syncedAs === 'duplicate'
    ? `Pushed${which}: the Retail API had it already, so it counts once.`
    : `Pushed${which}: the Retail API has applied it.`;
}

/** How often. */
function times(count: number): string {
  return count === 1 ? 'one try' : `${count} tries`;
}
