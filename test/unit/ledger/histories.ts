import { bookCorrection, toGrowth } from '../../../functions/src/ledger/booking.ts';
import { Parkable } from '../../../functions/src/errors.ts';
import { holderOf } from '../../../functions/src/ledger/holder.ts';
import type { PaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import type { MovementKind } from '../../../functions/src/movement.ts';

/** From 0 to 1, always the same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What really happened to a payment, and every report of it that a gateway may send. */
export interface History {
  /** What is left of the payment in the end, in cents. */
  readonly left: number;
  readonly reports: readonly PaymentRow[];
}

const PAYMENT = 'gateway_payment';

function report(id: string, kind: MovementKind, amountCents: number, isTotal = false): PaymentRow {
  return {
    paymentId: kind === 'payment' ? PAYMENT : `${PAYMENT}-${id}`,
    gateway: 'gateway',
    kind,
    uid: 'user1',
    amountCents,
    parentId: kind === 'payment' ? null : PAYMENT,
    orderId: 'order1',
    mode: 'test',
    occurredAt: new Date(0),
    ...(isTotal && { isTotal }),
  };
}

/** Plays one payment: it may grow, be refunded, disputed, and any of these may be taken back. */
export function play(random: () => number): History {
  const upTo = (cents: number) => 1 + Math.floor(random() * cents);
  const refundsAreTotals = random() < 0.3;
  const reports: PaymentRow[] = [];
  const refunds: PaymentRow[] = [];
  const disputes: PaymentRow[] = [];
  let paid = upTo(5_000);
  let left = paid;
  let refunded = 0;
  const grows = random() < 0.4;
  reports.push(report('', 'payment', paid, grows));
  const grow = () => {
    const more = upTo(2_000);
    paid += more;
    left += more;
    reports.push(report('', 'payment', paid, true));
  };
  const refund = (step: number) => {
    const cents = upTo(left);
    left -= cents;
    refunded += cents;
    const made = refundsAreTotals
      ? report(`refund-${refunded}`, 'refund', -refunded, true)
      : report(`refund${step}`, 'refund', -cents);
    reports.push(made);
    if (!refundsAreTotals) refunds.push(made);
  };
  const failRefund = () => {
    const [failed] = refunds.splice(Math.floor(random() * refunds.length), 1);
    if (failed === undefined) return;
    left -= failed.amountCents;
    const id = failed.paymentId;
    reports.push({
      ...failed,
      paymentId: `${id}-failed`,
      kind: 'refund_failed',
      amountCents: -failed.amountCents,
      parentId: id,
    });
  };
  const dispute = (step: number) => {
    const made = report(`dispute${step}`, 'dispute', -left);
    left = 0;
    disputes.push(made);
    reports.push(made);
  };
  const winDispute = (step: number) => {
    const won = disputes.pop();
    if (won === undefined) return;
    left -= won.amountCents;
    reports.push(report(`won${step}`, 'dispute_reversed', -won.amountCents));
  };
  const steps = Math.floor(random() * 8);
  for (let step = 0; step < steps; step += 1) {
    const dice = random();
    if (grows && dice < 0.25) grow();
    else if (left > 0 && dice < 0.6) refund(step);
    else if (dice < 0.75) failRefund();
    else if (left > 0 && dice < 0.88) dispute(step);
    else winDispute(step);
  }
  return { left, reports };
}

/** Every report at least once, some of them again, in any order. */
export function shuffled(reports: readonly PaymentRow[], random: () => number): PaymentRow[] {
  const again = reports.filter(() => random() < 0.4);
  return [...reports, ...again]
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

/** A ledger in memory: it loads what a decision needs and stores what was decided. */
export class MemoryLedger {
  readonly rows = new Map<string, PaymentRow>();
  readonly #voided = new Set<string>();
  #moves = 0;

  get sum(): number {
    return [...this.rows.values()].reduce((cents, { amountCents }) => cents + amountCents, 0);
  }

  /** Moves what is left to another user, as the staff does. False when nothing is. */
  move(to: string): boolean {
    const from = holderOf(this.rows.get(PAYMENT)?.uid ?? '', [...this.rows.values()]);
    if (this.sum <= 0 || from === to) return false;
    this.#moves += 1;
    const id = `manual_${this.#moves}`;
    const plus = { ...report(id, 'refund', this.sum), kind: 'move', uid: to } as const;
    const last = { ...plus, paymentId: id, occurredAt: new Date(this.#moves) };
    this.rows.set(id, last);
    const taken = { ...last, uid: from, amountCents: -plus.amountCents };
    this.rows.set(`${id}-from`, { ...taken, paymentId: `${id}-from` });
    return true;
  }

  /** What the rows of each user come to, but for those that come to nothing. */
  get sums(): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const { uid, amountCents } of this.rows.values())
      sums[uid] = (sums[uid] ?? 0) + amountCents;
    return Object.fromEntries(Object.entries(sums).filter(([, cents]) => cents !== 0));
  }

  /** False when the report must wait, for another report or for a person. */
  record(row: PaymentRow, expectedCents = 0): boolean {
    try {
      if (row.parentId !== null) this.#correct({ ...row, parentId: row.parentId }, expectedCents);
      else if (!this.rows.has(row.paymentId)) this.rows.set(row.paymentId, row);
      else if (row.isTotal === true) this.#correct(toGrowth(row), expectedCents);
      return true;
    } catch (error) {
      if (error instanceof Parkable) return false;
      throw error;
    }
  }

  #rootOf(paymentId: string): PaymentRow | undefined {
    const row = this.rows.get(paymentId);
    return typeof row?.parentId === 'string' ? this.#rootOf(row.parentId) : row;
  }

  #correct(row: PaymentRow & { readonly parentId: string }, expectedCents: number): void {
    if (this.rows.has(row.paymentId)) return;
    const booking = bookCorrection(row, {
      owner: this.#rootOf(row.parentId)?.uid,
      rows: [...this.rows.values()],
      isVoided: this.#voided.has(row.kind === 'refund_failed' ? row.parentId : row.paymentId),
      expectedCents,
    });
    if (booking.kind === 'write') this.rows.set(row.paymentId, booking.row);
    if (booking.kind === 'void') this.#voided.add(row.parentId);
  }
}
