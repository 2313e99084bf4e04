import { Unusable } from '../errors';
import { ERASED } from '../ids';
import { isOfUser, type BookedRow } from '../ledger/booked-rows';
import type { PaymentRow } from '../ledger/payment-row';
import { accountDeletedFault } from '../ledger/sync-fault';
import { movementKinds, type MovementKind, type Reported } from '../movement';
import { differencesOf, type Difference } from './differences';
import {
  lineOf,
  undeliveredLine,
  unreadableLine,
  withParked,
  type ReportLine,
} from './report-lines';
import { ask, askedOf, rootsByRow, toRows, type SecondLook } from './second-look';
import { sumsOf, type Sums } from './sums';

export interface GatewayReport {
  readonly gateway: string;
  readonly lines: readonly ReportLine[];
  readonly sums: readonly Sums[];
  /** Kinds of movements that the gateway's own list does not show. */
  readonly unlisted: readonly MovementKind[];
  /** Where the gateway's list begins, when that is after the span does; null when it covers the span. */
  readonly listedSince: Date | null;
}

export interface ReportSpan {
  readonly since: Date;
  /** The first moment after the span. */
  readonly until: Date;
}

/** One gateway and its books. The gateway is opened `isReadOnly`. */
export type Books = Pick<SecondLook, 'name' | 'gateway' | 'rows' | 'unresolved'>;

/**
 * Compares what one gateway holds with our rows, our rows with what the Retail API has confirmed, and
 * names the parked events that are open. Nothing is written.
 * @throws Unavailable when the gateway or Firestore does not answer, Misconfigured when the gateway
 *   refuses our keys.
 */
export async function reportOn(
  books: Books,
  span: ReportSpan,
  now = new Date(),
): Promise<GatewayReport> {
  const { name, gateway } = books;
  const startedAt = new Date();
  const isWithin = (time: Date | null) => time !== null && time >= span.since && time < span.until;
  // A gateway that names no time of a movement tells it as of now: then the list decides.
  const isTimeless = (time: Date | null) => time !== null && time >= startedAt;
  const listed = await readList(books, span);
  const booked = await readRows(books, span);
  const { told, differences, compared } = await examine(books, toRows(name, listed), booked);
  const reported = [...listed, ...told];
  const named = differences.filter(
    ({ paymentId, occurredAt }) =>
      booked.has(paymentId) || isWithin(occurredAt) || isTimeless(occurredAt),
  );
  const unreadable = new Map(reported.filter(isUnusable).map((one) => [one.about, one]));
  const lines = [
    ...named.map((one) => lineOf(name, one)),
    ...[...unreadable.values()].map((one) => unreadableLine(name, one)),
  ];
  const rows = [...booked.values()];
  const counts: Counts = {
    known: new Map([...compared, ...rows].map((row) => [row.paymentId, row])),
    missing: new Set(named.map(({ paymentId }) => paymentId)),
    isWithin,
  };
  return {
    gateway: name,
    lines: [
      ...withParked(books, lines, await openEvents(books, span)),
      ...rows.filter(isUndelivered).map((row) => undeliveredLine(name, row)),
    ],
    sums: sumsOf(
      countedOf(once(toRows(name, reported)), counts),
      rows.filter((row) => isWithin(row.occurredAt ?? row.createdAt)),
    ),
    unlisted: movementKinds.filter((kind) => gateway.history?.kinds.includes(kind) !== true),
    listedSince: beginningOf(gateway, span, now),
  };
}

function beginningOf({ history }: Books['gateway'], { since }: ReportSpan, now: Date): Date | null {
  if (history === undefined) return null;
  const edge = new Date(now.getTime() - history.reachMs);
  return edge > since ? edge : null;
}

async function readList({ gateway: { history } }: Books, { since, until }: ReportSpan) {
  const reported: Reported[] = [];
  if (history === undefined) return reported;
  // A movement at the end of the span may be listed late.
  const pages = history.list(since, new Date(until.getTime() + history.lagMs));
  for await (const page of pages) reported.push(...page);
  return reported;
}

/** The rows whose money moved in the span, and those that were written in it. */
async function readRows({ name, rows }: Books, { since, until }: ReportSpan) {
  const found = [
    ...(await rows.occurred(name, since, until)),
    ...(await rows.written(name, since, until)),
  ];
  return new Map(found.map((row) => [row.paymentId, row]));
}

async function openEvents({ name, unresolved }: Books, { until }: ReportSpan) {
  const open = await unresolved.open(name);
  return open.filter(({ parkedAt }) => parkedAt === undefined || parkedAt < until);
}

function isUnusable(one: Reported): one is Unusable {
  return one instanceof Unusable;
}

interface Examined {
  /** The answers about payments that the list does not name. */
  readonly told: readonly Reported[];
  readonly differences: readonly Difference[];
  /** All rows of the payments that were compared. */
  readonly compared: readonly BookedRow[];
}

/** Compares payment by payment, where a movement and its row are not plainly the same. */
async function examine(
  books: Books,
  listed: readonly PaymentRow[],
  booked: ReadonlyMap<string, BookedRow>,
): Promise<Examined> {
  const { name, gateway, rows } = books;
  const roots = rootsByRow(listed);
  const named = new Set(roots.values());
  const settled = new Set(
    listed.filter((one) => isSettled(one, booked)).map(({ paymentId }) => paymentId),
  );
  const wanted = new Set<string>();
  for (const [paymentId, root] of roots) if (!settled.has(paymentId)) wanted.add(root);
  const told: Reported[] = [];
  for (const row of booked.values()) {
    if (settled.has(row.paymentId)) continue;
    const root = roots.get(row.paymentId) ?? (await rows.rootOf(row));
    if (wanted.has(root)) continue;
    if (!named.has(root)) {
      if (gateway.inquire === undefined) continue;
      told.push(...(await ask(books, askedOf(name, root, row))));
    }
    wanted.add(root);
  }
  const answers = toRows(name, told);
  for (const root of rootsByRow(answers).values()) wanted.add(root);
  const ofWanted = await rows.ofPayments([...wanted]);
  const all = once([...listed, ...answers]);
  const rootOf = rootsByRow([...ofWanted, ...all]);
  const reported = all.filter(({ paymentId }) => wanted.has(rootOf.get(paymentId) ?? ''));
  return { told, differences: differencesOf(reported, ofWanted), compared: ofWanted };
}

interface Counts {
  /** The rows that were read. */
  readonly known: ReadonlyMap<string, BookedRow>;
  /** The payment ids of the differences that are named. */
  readonly missing: ReadonlySet<string>;
  readonly isWithin: (time: Date | null) => boolean;
}

/**
 * The movements of the span. One with a row is counted where its row is, by the row's time and kind:
 * a gateway may have told another time, or a more general kind, when it was asked again.
 */
function countedOf(told: readonly PaymentRow[], { known, missing, isWithin }: Counts) {
  return withFailed(told, known).flatMap((one) => {
    const { paymentId, kind, amountCents, occurredAt } = one;
    const row = known.get(paymentId);
    if (row !== undefined) {
      const isCounted = isWithin(row.occurredAt ?? row.createdAt);
      return isCounted ? [{ kind: row.kind, amountCents }] : [];
    }
    // The failure of a refund that was never booked moves nothing.
    const isVoid = kind === 'refund_failed' || !isWithin(occurredAt);
    return missing.has(paymentId) || !isVoid ? [{ kind, amountCents }] : [];
  });
}

/** A gateway that tells of a refund's failure no longer tells of the refund, which was booked. */
function withFailed(
  told: readonly PaymentRow[],
  known: ReadonlyMap<string, BookedRow>,
): readonly PaymentRow[] {
  const ids = new Set(told.map(({ paymentId }) => paymentId));
  const refunds = told.flatMap((one): PaymentRow[] => {
    const { kind, parentId, amountCents } = one;
    if (kind !== 'refund_failed' || parentId === null) return [];
    if (ids.has(parentId) || !known.has(parentId)) return [];
    return [{ ...one, kind: 'refund', paymentId: parentId, amountCents: -amountCents }];
  });
  return [...told, ...refunds];
}

/** Each movement once, as it was told last. */
function once(rows: readonly PaymentRow[]): PaymentRow[] {
  return [...new Map(rows.map((row) => [row.paymentId, row])).values()];
}

/** Whether a movement has a row of the same amount and user. A total is looked at closer. */
function isSettled(one: PaymentRow, booked: ReadonlyMap<string, BookedRow>): boolean {
  const row = booked.get(one.paymentId);
  if (row === undefined || one.isTotal === true) return false;
  return row.amountCents === one.amountCents && isOfUser(row, one.uid);
}

/** A row of a deleted account has no balance that it could change. */
function isUndelivered({ isSynced, uid, fault }: BookedRow): boolean {
  return !isSynced && uid !== ERASED && fault !== accountDeletedFault.outcome;
}
