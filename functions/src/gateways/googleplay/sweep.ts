import { log } from '../../log';
import { openPipeline, type Pipeline } from '../../pipeline';
import { ingestClaim } from '../../stores/claim';
import { forEachByKey } from '../../schedule/by-key';
import { NAME, readPlayConfig } from './config';
import type { VoidedPurchase } from './objects';
import { openStore } from './open';
import { receiptIdOf } from './purchases';
import type { Voids } from './voids';

/** No refund is taken up later: it leaves the last ones time to end before the timeout. */
const RUN_MS = 480_000;
const CONCURRENCY = 5;

/**
 * Goes through every refund of the last 30 days that Google lists, so that one which nobody has
 * announced is booked. It keeps no mark of how far it came: days without a run are made up for,
 * and of a refund that is booked only our own documents are read.
 */
export async function sweepVoids(): Promise<void> {
  const pipeline = await openPipeline();
  const { play, voids } = openStore(readPlayConfig());
  const until = pipeline.now().getTime() + RUN_MS;
  const isOver = () => pipeline.now().getTime() > until;
  let rows = 0;
  let failed = 0;
  for await (const page of play.voidedPurchases()) {
    await forEachByKey(
      page,
      ({ token }) => token,
      CONCURRENCY,
      async (one) => {
        if (isOver()) return;
        rows += 1;
        if (!(await isTakenIn(pipeline, voids, one))) failed += 1;
      },
    );
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
    const { shown } = await ingestClaim(pipeline, { gateway: NAME, event }, () => voids.look(one));
    return shown !== 'nothing';
  } catch (error) {
    log.failure(error, { gateway: NAME, event_id: event.id });
    return false;
  }
}
