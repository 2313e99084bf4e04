import type { Unusable } from '../../errors';
import type { PayPalEvent } from './events';

/** What the lists of PayPal say of a capture. Only ids: the API says what happened to their objects. */
export interface Hint {
  readonly captureId: string;
  /** Objects that are refunds or reversals of the capture. */
  readonly refundIds: ReadonlySet<string>;
  /** Those of them that are reversals: the objects themselves do not tell. */
  readonly reversalIds: ReadonlySet<string>;
  /** Whether a reversal was reported as the capture, without an object of its own. */
  readonly isReversed: boolean;
  /** Whether money of a reversal is said to have come back. */
  readonly isReturned: boolean;
}

/** The hint of one who knows a capture and nothing else. */
export function hintAt(captureId: string): Hint {
  const ids = new Set<string>();
  return { captureId, refundIds: ids, reversalIds: ids, isReversed: false, isReturned: false };
}

/**
 * What an entry of a list is about:
 * - `capture`: a payment.
 * - `refund`, `reversal`: money that went back, told by an object of its own.
 * - `captureReversal`: money that PayPal took back, told as the capture.
 * - `return`: money of a reversal that came back.
 */
export type Moved = 'capture' | 'refund' | 'reversal' | 'captureReversal' | 'return';

/** An entry of a list of PayPal's. */
export interface Entry {
  readonly moved: Moved;
  /** The capture, refund or reversal. */
  readonly objectId: string;
  /** Undefined when the entry of a refund does not name its capture. */
  readonly captureId: string | undefined;
  /** What the entry says of the payment, where it says it: it may save the reading. */
  readonly claim: PayPalEvent['claim'];
}

/** A part of a list: what it says, and what cannot be read of it. */
export interface Listed {
  readonly entries: readonly Entry[];
  readonly unreadable: readonly Unusable[];
}

/** The parts of a list as one. */
export function joinLists(parts: readonly Listed[]): Listed {
  return {
    entries: parts.flatMap(({ entries }) => entries),
    unreadable: parts.flatMap(({ unreadable }) => unreadable),
  };
}

/** A capture that entries name, with what they say of it. */
export interface Named {
  readonly hint: Hint;
  readonly claim: PayPalEvent['claim'];
}

/** Brings the entries of each capture together, in the order in which the captures are first named. */
export function groupByCapture(
  entries: readonly (Entry & { readonly captureId: string })[],
): Named[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    groups.set(entry.captureId, [...(groups.get(entry.captureId) ?? []), entry]);
  }
  return [...groups].map(([captureId, group]) => ({
    hint: toHint(captureId, group),
    claim: claimOf(group),
  }));
}

function toHint(captureId: string, group: readonly Entry[]): Hint {
  const idsOf = (...kinds: readonly Moved[]) =>
    new Set(group.filter(({ moved }) => kinds.includes(moved)).map(({ objectId }) => objectId));
  return {
    captureId,
    refundIds: idsOf('refund', 'reversal'),
    reversalIds: idsOf('reversal'),
    isReversed: idsOf('captureReversal').size > 0,
    isReturned: idsOf('return').size > 0,
  };
}

/** Only what is said of the capture itself counts: a refund may carry another custom id than its capture. */
function claimOf(group: readonly Entry[]): PayPalEvent['claim'] {
  const claims = group
    .filter(({ moved }) => moved === 'capture' || moved === 'captureReversal')
    .map(({ claim }) => claim);
  return {
    customId: claims.find(({ customId }) => customId !== undefined)?.customId,
    payeeId: claims.find(({ payeeId }) => payeeId !== undefined)?.payeeId,
  };
}
