import type { Unusable } from '../errors';
import type { BookedRow } from '../ledger/booked-rows';
import type { OpenEvent } from '../ledger/unresolved-events';
import type { Difference, DifferenceKind } from './differences';
import { askedAbout, type SecondLook } from './second-look';

/**
 * - as `DifferenceKind`.
 * - `undelivered`: a row that the Retail API has not confirmed.
 * - `unreadable`: our payment at the gateway has a movement that cannot become a row.
 * - `parked`: an event that waits for a person, or for its payment.
 */
export type LineKind = DifferenceKind | 'undelivered' | 'unreadable' | 'parked';

/** One difference, by name. Money is signed US cents. */
export interface ReportLine extends Omit<Difference, 'kind' | 'movement'> {
  readonly gateway: string;
  readonly difference: LineKind;
  readonly movement: string | null;
  /** Why, in our own words. */
  readonly detail: string;
}

const details: Readonly<Record<DifferenceKind, string>> = {
  missing: 'at the gateway, and not booked',
  unknown: 'booked, and not at the gateway',
  amount: 'booked with another amount',
  user: 'booked for another user',
  excess: 'more is booked than the gateway reports',
};

export function lineOf(gateway: string, { kind, ...one }: Difference): ReportLine {
  return { ...one, gateway, difference: kind, detail: details[kind] };
}

const nothing = {
  movement: null,
  orderId: null,
  gatewayCents: null,
  bookedCents: null,
  occurredAt: null,
};

export function unreadableLine(gateway: string, { about, message }: Unusable): ReportLine {
  const paymentId = about === undefined ? gateway : `${gateway}_${about}`;
  return { ...nothing, gateway, difference: 'unreadable', paymentId, detail: message };
}

export function undeliveredLine(gateway: string, row: BookedRow): ReportLine {
  const { paymentId, orderId, amountCents: bookedCents, kind: movement, fault } = row;
  return {
    ...nothing,
    gateway,
    difference: 'undelivered',
    movement,
    paymentId,
    orderId,
    bookedCents,
    occurredAt: row.occurredAt ?? row.createdAt,
    detail: fault === null ? 'not pushed yet' : `the Retail API: ${fault}`,
  };
}

/**
 * Adds the open parked events. One that is about a difference explains it, and makes no line of its own.
 */
export function withParked(
  { name, gateway }: Pick<SecondLook, 'name' | 'gateway'>,
  lines: readonly ReportLine[],
  open: readonly OpenEvent[],
): ReportLine[] {
  const all = [...lines];
  for (const event of open) {
    const asked = askedAbout({ gateway }, event.event);
    const orderId = asked?.orderId ?? undefined;
    const isAbout = ({ difference, ...line }: ReportLine) =>
      difference !== 'parked' &&
      (event.subjects.includes(line.paymentId) || line.orderId === orderId);
    const index = all.findIndex(isAbout);
    const told = all[index];
    if (told === undefined) all.push(parkedLine(name, event));
    else all[index] = { ...told, detail: `${told.detail}; parked: ${event.message}` };
  }
  return all;
}

function parkedLine(gateway: string, event: OpenEvent): ReportLine {
  const { subjects, message, row, parkedAt } = event;
  return {
    ...nothing,
    gateway,
    difference: 'parked',
    movement: row?.kind ?? null,
    paymentId: subjects[0] ?? event.id,
    orderId: row?.orderId ?? null,
    gatewayCents: row?.amountCents ?? null,
    occurredAt: parkedAt ?? null,
    detail: message,
  };
}
