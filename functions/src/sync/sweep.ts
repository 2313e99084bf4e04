import { Unavailable } from '../errors';
import type { DuePayment, DuePayments } from '../ledger/due-payments';
import { log } from '../log';
import type { PushDeps } from '../retail/push';
import type { StopReason } from './breaker';
import { Run } from './run';

export interface SweepResult {
  readonly synced: number;
  readonly failed: number;
  /** Age of the oldest row that was due, in seconds. */
  readonly oldestS: number;
  readonly stoppedBy: StopReason | undefined;
}

/** Rows read from either end to choose the probes from: with those, all an outage costs. */
const PROBE_PAGE = 25;
const LATE_PROBES = 2;
const PROBES = 5;
/** Rows of a page; fewer where the Retail API could not take them within a lease. */
const PAGE = 300;
const PAGE_S = 60;
/** Pages in a row that Firestore may leave unanswered. */
const MOST_LOST_PAGES = 3;

/**
 * Pushes every row that is due until none is left, the time is up or the Retail API is found not
 * to work. A few rows go first, one by one, to find that out; then whole pages, read from both ends
 * of the queue: rows that always fail gather at its head, and delay the others by a page at most.
 * @param until no further push starts after it.
 * @throws Unavailable when Firestore leaves several pages in a row unanswered.
 */
export async function sweep(deps: PushDeps, until: Date): Promise<SweepResult> {
  const { payments, retail, now, random } = deps;
  const run = new Run(deps, until);
  const { oldest, latest } = await repeated(() => bothEnds(payments, now(), PROBE_PAGE));
  await run.probe(probesOf(oldest, latest, random));
  const size = Math.min(PAGE, Math.max(PROBE_PAGE * 2, retail.callsPerSecond * PAGE_S));
  const pushPage = async () => {
    const ends = await bothEnds(payments, now(), size / 2);
    const page = leastFailedFirst([...ends.oldest, ...ends.latest], random);
    return page.length > 0 && (await run.push(page, retail.concurrency)) > 0;
  };
  while (run.mayGoOn && (await repeated(pushPage)));
  const ages = oldest.map((row) => now().getTime() - row.createdAt.getTime());
  return { ...run.result, oldestS: Math.round(Math.max(0, ...ages) / 1000) };
}

/** Rows that have just become due are looked for only where there are more than fit. */
async function bothEnds(payments: DuePayments, now: Date, size: number) {
  const oldest = await payments.page(now, size);
  const latest = oldest.length < size ? [] : await payments.latest(now, size);
  const known = new Set(oldest.map(({ paymentId }) => paymentId));
  return { oldest, latest: latest.filter(({ paymentId }) => !known.has(paymentId)) };
}

/** One slow answer of Firestore ends no sweep. */
async function repeated<T>(step: () => Promise<T>): Promise<T> {
  for (let lost = 1; ; lost += 1) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof Unavailable) || lost === MOST_LOST_PAGES) throw error;
      log.failure(error);
    }
  }
}

/** Rows that always fail gather at one end of the queue, and must not pass for an API that is down. */
function leastFailedFirst(rows: readonly DuePayment[], random: () => number): DuePayment[] {
  return rows
    .map((row) => ({ row, order: row.attempts + random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ row }) => row);
}

/** Rows of different users, from both ends of the queue. */
function probesOf(
  oldest: readonly DuePayment[],
  latest: readonly DuePayment[],
  random: () => number,
): DuePayment[] {
  const late = leastFailedFirst(latest, random).slice(0, LATE_PROBES);
  const queue = [...late, ...leastFailedFirst([...oldest, ...latest], random)];
  const users = new Set<string>();
  const ofNewUser = ({ uid }: DuePayment) => !users.has(uid) && users.add(uid).has(uid);
  return queue.filter(ofNewUser).slice(0, PROBES);
}
