import { SCHEDULED_RUN_MS } from '../../config/limits';
import { log } from '../../log';
import { openPipeline, type Pipeline } from '../../pipeline';
import { settleClaim } from '../../stores/claim';
import { forEachByUser } from '../../schedule/by-user';
import { NAME, readPlayConfig } from './config';
import type { VoidedPurchase } from './objects';
import { openStore } from './open';
import { receiptIdOf } from './purchases';
import type { Voids } from './voids';

const CONCURRENCY = 5;

/**
 * Goes through every refund of the last 30 days that Google lists, so that one which nobody has
 * announced is booked. It keeps no mark of how far it came: days without a run are made up for,
 * and of a refund that is booked only our own documents are read.
 */
export async function sweepVoids(): Promise<void> {
  const pipeline = await openPipeline();
  const { play, voids } = openStore(readPlayConfig());
  const until = pipeline.now().getTime() + SCHEDULED_RUN_MS;
  const isOver = () => pipeline.now().getTime() > until;
  let rows = 0;
  let failed = 0;
  for await (const page of play.voidedPurchases()) {
    const items = page.map((one) => ({ one, uid: one.token }));
    await forEachByUser(items, CONCURRENCY, async ({ one }) => {
      if (isOver()) return;
      rows += 1;
      if (!(await isTakenIn(pipeline, voids, one))) failed += 1;
    });
    if (isOver()) break;
  }
  if (isOver()) log.alert('the list of refunds was too long for one run', { gateway: NAME, rows });
  log.info('refunds listed by the store', { gateway: NAME, rows, failed });
}

/** Never throws: one that fails holds up no other, and comes again with the next run. */
async function isTakenIn(pipeline: Pipeline, voids: Voids, one: VoidedPurchase): Promise<boolean> {
  const receiptId = receiptIdOf(one.token);
  const event = { id: `listed_${receiptId}`, type: 'refund', receiptId, orderId: one.orderId };
  try {
    const looking = voids.look(one);
    await settleClaim(pipeline, { gateway: NAME, event }, async () => (await looking).movements);
    return (await looking).shown !== 'nothing';
  } catch (error) {
    log.failure(error, { gateway: NAME, event_id: event.id });
    return false;
  }
}
