import { openFirestore } from '../../firestore';
import { OpenPurchases, type OpenPurchase } from '../../ledger/open-purchases';
import type { ReceiptOwner } from '../../ledger/receipt';
import { openReceipts } from '../../ledger/receipts';
import { log } from '../../log';
import { openRoad, type Road } from '../../road';
import { accountToken } from '../../stores/account-token';
import { settleClaim } from '../../stores/claim';
import { backOffMs } from '../../sync/decision';
import { NAME, readPlayConfig } from './config';
import { openPurchases } from './open';
import type { Purchases, Settled } from './purchases';

/** Purchases taken up in one run. */
const PAGE = 100;
const HOUR_MS = 60 * 60_000;
/** Google refunds what is not consumed after three days; a person has two of them left. */
const ALERT_AFTER_MS = 24 * HOUR_MS;
/** Google lets nobody wait that long to pay. */
const GIVE_UP_MS = 30 * 24 * HOUR_MS;

/**
 * Does what an app's call or a notification has left undone: credits a pending purchase that was
 * paid since, consumes one that is credited.
 */
export async function finishPurchases(): Promise<void> {
  const open = new OpenPurchases(openFirestore(), NAME);
  const receipts = openReceipts(NAME);
  const purchases = openPurchases(readPlayConfig(), { open, receipts });
  const road = await openRoad();
  for (const one of await open.due(road.now(), PAGE)) {
    try {
      const receipt = await receipts.find(one.receiptId);
      const isDone = await finish(purchases, road, one, receipt?.owner ?? null);
      if (!isDone) await postpone(open, road, one);
    } catch (error) {
      log.failure(error, { gateway: NAME, function: 'googleplay-finishPurchases' });
      await postpone(open, road, one);
    }
  }
}

/**
 * @param owner of the receipt; whoever has opened the purchase may have lost it to another user in
 *   the same moment, or may have come no further.
 */
async function finish(
  purchases: Purchases,
  road: Road,
  { token, uid, receiptId }: OpenPurchase,
  owner: ReceiptOwner | null,
): Promise<boolean> {
  const opener = { uid, accountToken: accountToken(uid) };
  const claim = owner === null ? { owner: opener, productId: null } : undefined;
  const settling = purchases.settle(token, claim);
  const event = { id: `schedule_${receiptId}`, type: 'schedule' };
  await settleClaim(road, { gateway: NAME, event }, async () => (await settling).movements);
  const settled = await settling;
  if (settled.standing === 'pending') return false;
  warnIfLate(settled, road.now());
  await purchases.finish(token, settled);
  return true;
}

async function postpone(open: OpenPurchases, road: Road, one: OpenPurchase): Promise<void> {
  const now = road.now().getTime();
  if (now - one.openedAt.getTime() < GIVE_UP_MS) {
    await open.postpone(one, new Date(now + backOffMs(one.attempts, road.random())));
    return;
  }
  log.alert('a purchase was never finished', { gateway: NAME, parked_id: one.receiptId });
  await open.close(one.receiptId);
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
