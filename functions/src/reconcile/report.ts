import { Unusable } from '../errors';
import { ERASED, sameOwner } from '../ids';
import type { BookedRow } from '../ledger/booked-rows';
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
  const { told, differences } = await examine(books, toRows(name, listed), booked);
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
  return {
    gateway: name,
    lines: [
      ...withParked(books, lines, await openEvents(books, span)),
      ...rows.filter(isUndelivered).map((row) => undeliveredLine(name, row)),
    ],
    sums: sumsOf(
      once(toRows(name, reported)).filter(({ occurredAt }) => isWithin(occurredAt)),
      rows.filter(({ occurredAt, createdAt }) => isWithin(occurredAt ?? createdAt)),
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
  return { told, differences: differencesOf(reported, ofWanted) };
}

/** Each movement once, as it was told last. */
function once(rows: readonly PaymentRow[]): PaymentRow[] {
  return [...new Map(rows.map((row) => [row.paymentId, row])).values()];
}

/** Whether a movement has a row of the same amount and user. A total is looked at closer. */
function isSettled(one: PaymentRow, booked: ReadonlyMap<string, BookedRow>): boolean {
  const row = booked.get(one.paymentId);
  if (row === undefined || one.isTotal === true) return false;
  return row.amountCents === one.amountCents && sameOwner(row.uid, one.uid);
}

/** A row of a deleted account has no balance that it could change. */
function isUndelivered({ isSynced, uid, fault }: BookedRow): boolean {
  return !isSynced && uid !== ERASED && fault !== accountDeletedFault.outcome;
}
