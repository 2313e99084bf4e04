import { DAY_MS, GIVE_UP_AFTER_MS, SCHEDULED_RUN_MS } from '../../config/limits';
import { openDeletions, type Deletions } from '../../deletion/deletions';
import { NotFound, Unusable } from '../../errors';
import { ERASED } from '../../ids';
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
import { NAME, readConfig } from './config';
import { openGooglePlay, type GooglePlay } from './google-play';
import type { Claim, SyncedPurchase } from './purchases';
import { backOffMs } from '../../schedule/back-off';

const PAGE = 100;
const CONCURRENCY = 5;
/** Google refunds an unconsumed purchase after three days. The alert leaves a person two of them. */
const ALERT_AFTER_MS = DAY_MS;
/** By then Google has refunded unconsumed purchases, and shows the refunds it announced. */
const GOOGLE_IS_DONE_MS = 3 * DAY_MS;

interface RunDeps extends GooglePlay {
  readonly pipeline: Pipeline;
  readonly pending: PendingPurchaseBook;
  readonly receipts: ReceiptBook;
  readonly deletions: Pick<Deletions, 'has'>;
}

/**
 * Finishes the purchases that an app's call or a notification left open: credits a pending purchase
 * that was paid since, consumes a credited one, looks for an announced refund. A failed purchase does
 * not stop the others.
 */
export async function finishPurchases(): Promise<void> {
  const pipeline = await openPipeline();
  const pending = openPendingPurchases(NAME);
  const receipts = openReceipts(NAME);
  const google = openGooglePlay(readConfig(), { pending, receipts });
  const deps = { ...google, pipeline, pending, receipts, deletions: openDeletions() };
  const until = pipeline.now().getTime() + SCHEDULED_RUN_MS;
  const isOver = () => pipeline.now().getTime() > until;
  // A purchase that was handled is no longer due, unless Firestore fails.
  for (let moved = true; moved && !isOver();) {
    moved = false;
    const page = await pending.due(pipeline.now(), PAGE);
    const byUser = { key: ({ uid }: PendingPurchase) => uid ?? '', concurrency: CONCURRENCY };
    await forEachByKey(page, byUser, async (one) => {
      if (!isOver()) moved = (await handle(deps, one)) || moved;
    });
  }
}

/** Never throws. False when Firestore failed, so that the purchase is still due. */
async function handle(deps: RunDeps, one: PendingPurchase): Promise<boolean> {
  try {
    if (await isDone(deps, one)) await deps.pending.close(one);
    else await postpone(deps, one);
    return true;
  } catch (error) {
    log.failure(error, { gateway: NAME, parked_id: one.receiptId });
    return false;
  }
}

async function isDone(deps: RunDeps, one: PendingPurchase): Promise<boolean> {
  try {
    return await (one.awaits === 'refund' ? syncRefund(deps, one) : finish(deps, one));
  } catch (error) {
    log.failure(error, { gateway: NAME, parked_id: one.receiptId });
    return false;
  }
}

async function finish(deps: RunDeps, one: PendingPurchase): Promise<boolean> {
  const { pipeline, purchases, receipts } = deps;
  const receipt = await receipts.find(one.receiptId);
  const claim = await readClaim(deps, one, receipt);
  const event = { id: `schedule_${one.receiptId}`, type: 'schedule', receiptId: one.receiptId };
  const synced = await ingestClaim(pipeline, { gateway: NAME, event }, () =>
    purchases.syncPurchase(one.token, claim),
  ).catch((error: unknown) => {
    if (error instanceof NotFound && isForgotten(deps, one, receipt)) return undefined;
    throw error;
  });
  if (synced === undefined) return true;
  if (synced.standing === 'pending') return false;
  warnIfLate(synced, pipeline.now());
  await purchases.finish(one.token, synced);
  return true;
}

/**
 * If the receipt has no owner yet, the opener claims it; otherwise another user was first. An opener
 * who has deleted the account claims nothing.
 */
async function readClaim(
  { deletions }: RunDeps,
  { uid }: PendingPurchase,
  receipt: Receipt | undefined,
): Promise<Claim | undefined> {
  if (uid === null || uid === ERASED || (receipt?.owner ?? null) !== null) return undefined;
  if (await deletions.has(uid)) return undefined;
  return { owner: { uid, accountToken: accountToken(uid) }, productId: null };
}

/** Whether Google forgot a purchase that we credited long ago. Then nothing is left to do. */
function isForgotten(
  { pipeline }: RunDeps,
  one: PendingPurchase,
  receipt: Receipt | undefined,
): boolean {
  const isCredited = (receipt?.movements ?? []).length > 0;
  return isCredited && ageMs(pipeline, one) > GOOGLE_IS_DONE_MS;
}

/** True when all of the purchase is refunded, or no other part is to be expected. */
async function syncRefund({ pipeline, voids }: RunDeps, one: PendingPurchase): Promise<boolean> {
  const event = toRefundEvent(one);
  const given = { token: one.token, googleOrderId: one.orderId };
  const { shown } = await ingestClaim(pipeline, { gateway: NAME, event }, () =>
    voids.syncVoid(given),
  );
  return shown === 'whole' || (shown === 'part' && ageMs(pipeline, one) > GOOGLE_IS_DONE_MS);
}

async function postpone({ pending, pipeline }: RunDeps, one: PendingPurchase): Promise<void> {
  const giveUpMs = one.awaits === 'refund' ? GOOGLE_IS_DONE_MS : GIVE_UP_AFTER_MS;
  if (ageMs(pipeline, one) <= giveUpMs) {
    const pauseMs = backOffMs(one.attempts, pipeline.random());
    await pending.postpone(one, new Date(pipeline.now().getTime() + pauseMs));
    return;
  }
  if (one.awaits === 'refund') await parkRefund(pipeline, one);
  else
    log.alert('a purchase was never finished', {
      gateway: NAME,
      parked_id: one.receiptId,
      next_step: 'Look the purchase up in the Play Console: where it is paid, credit it by hand.',
    });
  await pending.close(one);
}

function toRefundEvent({ receiptId, orderId }: PendingPurchase) {
  return { id: `refund_${receiptId}`, type: 'refund', receiptId, orderId };
}

async function parkRefund(pipeline: Pipeline, one: PendingPurchase): Promise<void> {
  const error = new Unusable('Google has announced a refund and does not show it.');
  await park(pipeline, { gateway: NAME, event: toRefundEvent(one) }, error);
}

function ageMs(pipeline: Pipeline, { openedAt }: PendingPurchase): number {
  return pipeline.now().getTime() - openedAt.getTime();
}

function warnIfLate({ purchase, standing }: SyncedPurchase, now: Date): void {
  const { completedAt, isConsumed, googleOrderId } = purchase;
  if (standing !== 'credited' || isConsumed || completedAt === null) return;
  if (now.getTime() - completedAt.getTime() < ALERT_AFTER_MS) return;
  log.alert('a credited purchase is not consumed; Google refunds it after three days', {
    gateway: NAME,
    payment_id: `${NAME}_${googleOrderId ?? ''}`,
    next_step:
      'Look at the errors before it; let the service account of GOOGLE_PLAY_SECRET_FILE manage orders.',
  });
}
