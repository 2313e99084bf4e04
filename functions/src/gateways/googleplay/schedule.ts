import { NotFound, Unusable } from '../../errors';
import {
  openPendingPurchases,
  type PendingPurchaseBook,
  type PendingPurchase,
} from '../../stores/pending-purchases';
import type { Receipt } from '../../stores/receipt';
import { openReceipts, type ReceiptBook } from '../../stores/receipts';
import { log } from '../../log';
import { openPipeline, park, type Pipeline } from '../../pipeline';
import { accountToken } from '../../stores/account-token';
import { ingestClaim } from '../../stores/claim';
import { forEachByKey } from '../../schedule/by-key';
import { NAME, readPlayConfig } from './config';
import { openStore, type Store } from './open';
import type { Settled } from './purchases';
import { backOffMs } from '../../schedule/back-off';

/** No purchase is taken up later: it leaves the last ones time to end before the timeout. */
const RUN_MS = 480_000;
const PAGE = 100;
const CONCURRENCY = 5;
const HOUR_MS = 60 * 60_000;
/** Google refunds what is not consumed after three days; a person has two of them left. */
const ALERT_AFTER_MS = 24 * HOUR_MS;
/** Then Google has refunded what was not consumed, and shows what it has announced. */
const GOOGLE_IS_DONE_MS = 3 * 24 * HOUR_MS;
/** Google lets nobody wait that long to pay. */
const GIVE_UP_MS = 30 * 24 * HOUR_MS;

/** What a purchase is taken up with. */
interface Desk extends Store {
  readonly pipeline: Pipeline;
  readonly open: PendingPurchaseBook;
  readonly receipts: ReceiptBook;
}

/**
 * Does what an app's call or a notification has left undone: credits a pending purchase that was
 * paid since, consumes one that is credited, looks for a refund that was announced. One that fails
 * holds up no other.
 */
export async function finishPurchases(): Promise<void> {
  const pipeline = await openPipeline();
  const open = openPendingPurchases(NAME);
  const receipts = openReceipts(NAME);
  const desk = { ...openStore(readPlayConfig(), { open, receipts }), pipeline, open, receipts };
  const until = pipeline.now().getTime() + RUN_MS;
  const isOver = () => pipeline.now().getTime() > until;
  // Whatever is taken up is then due no longer, unless Firestore fails.
  for (let moved = true; moved && !isOver();) {
    moved = false;
    const page = await open.due(pipeline.now(), PAGE);
    await forEachByKey(
      page,
      ({ uid }) => uid ?? '',
      CONCURRENCY,
      async (one) => {
        if (!isOver()) moved = (await takeUp(desk, one)) || moved;
      },
    );
  }
}

/** Never throws. False when the purchase is still as due as it was. */
async function takeUp(desk: Desk, one: PendingPurchase): Promise<boolean> {
  try {
    if (await isDone(desk, one)) await desk.open.close(one);
    else await postpone(desk, one);
    return true;
  } catch (error) {
    log.failure(error, { gateway: NAME, parked_id: one.receiptId });
    return false;
  }
}

async function isDone(desk: Desk, one: PendingPurchase): Promise<boolean> {
  try {
    return await (one.awaits === 'refund' ? refund(desk, one) : finish(desk, one));
  } catch (error) {
    log.failure(error, { gateway: NAME, parked_id: one.receiptId });
    return false;
  }
}

async function finish(desk: Desk, one: PendingPurchase): Promise<boolean> {
  const { pipeline, purchases, receipts } = desk;
  const receipt = await receipts.find(one.receiptId);
  const claim = claimOf(one, receipt);
  const event = { id: `schedule_${one.receiptId}`, type: 'schedule', receiptId: one.receiptId };
  const settled = await ingestClaim(pipeline, { gateway: NAME, event }, () =>
    purchases.settle(one.token, claim),
  ).catch((error: unknown) => {
    if (error instanceof NotFound && isForgotten(desk, one, receipt)) return undefined;
    throw error;
  });
  if (settled === undefined) return true;
  if (settled.standing === 'pending') return false;
  warnIfLate(settled, pipeline.now());
  await purchases.finish(one.token, settled);
  return true;
}

/**
 * Whoever has opened the purchase may have lost it to another user in the same moment, or may have
 * come no further: then it is theirs.
 */
function claimOf({ uid }: PendingPurchase, receipt: Receipt | undefined) {
  if (uid === null || (receipt?.owner ?? null) !== null) return undefined;
  return { owner: { uid, accountToken: accountToken(uid) }, productId: null };
}

/** Credited, and consumed before a crash: nothing else is left to do by then. */
function isForgotten(
  { pipeline }: Desk,
  one: PendingPurchase,
  receipt: Receipt | undefined,
): boolean {
  const isCredited = (receipt?.movements ?? []).length > 0;
  return isCredited && ageMs(pipeline, one) > GOOGLE_IS_DONE_MS;
}

/** Until all of the purchase is refunded, or no other part is to be expected. */
async function refund({ pipeline, voids }: Desk, one: PendingPurchase): Promise<boolean> {
  const event = refundOf(one);
  const { shown } = await ingestClaim(pipeline, { gateway: NAME, event }, () => voids.look(one));
  return shown === 'whole' || (shown === 'part' && ageMs(pipeline, one) > GOOGLE_IS_DONE_MS);
}

async function postpone({ open, pipeline }: Desk, one: PendingPurchase): Promise<void> {
  const giveUpMs = one.awaits === 'refund' ? GOOGLE_IS_DONE_MS : GIVE_UP_MS;
  if (ageMs(pipeline, one) <= giveUpMs) {
    const pauseMs = backOffMs(one.attempts, pipeline.random());
    await open.postpone(one, new Date(pipeline.now().getTime() + pauseMs));
    return;
  }
  if (one.awaits === 'refund') await parkRefund(pipeline, one);
  else log.alert('a purchase was never finished', { gateway: NAME, parked_id: one.receiptId });
  await open.close(one);
}

function refundOf({ receiptId, orderId }: PendingPurchase) {
  return { id: `refund_${receiptId}`, type: 'refund', receiptId, orderId };
}

async function parkRefund(pipeline: Pipeline, one: PendingPurchase): Promise<void> {
  const error = new Unusable('Google has announced a refund and does not show it.');
  await park(pipeline, { gateway: NAME, event: refundOf(one) }, error);
}

function ageMs(pipeline: Pipeline, { openedAt }: PendingPurchase): number {
  return pipeline.now().getTime() - openedAt.getTime();
}

function warnIfLate({ purchase, standing }: Settled, now: Date): void {
  const { completedAt, isConsumed, orderId } = purchase;
  if (standing !== 'credited' || isConsumed || completedAt === null) return;
  if (now.getTime() - completedAt.getTime() < ALERT_AFTER_MS) return;
  log.alert('a credited purchase is not consumed; Google refunds it after three days', {
    gateway: NAME,
    payment_id: `${NAME}_${orderId ?? ''}`,
  });
}
