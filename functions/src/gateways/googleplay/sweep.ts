import { SCHEDULED_RUN_MS } from '../../config/limits';
import { log } from '../../log';
import { openPipeline, type Pipeline } from '../../pipeline';
import { ingestClaim } from '../../stores/claim';
import { forEachByKey } from '../../schedule/by-key';
import { NAME, readConfig } from './config';
import type { VoidedPurchase } from './objects';
import { openGooglePlay } from './google-play';
import { receiptIdOf } from './purchases';
import type { Voids } from './voids';

const byPurchase = { key: ({ token }: VoidedPurchase) => token, concurrency: 5 };

/**
 * Books the refunds of Google's list of the last 30 days whose announcement did not arrive. The sweep
 * keeps no mark, so it makes up for days without a run. For a refund that is booked already, it
 * reads only our own documents.
 */
export async function sweepVoids(): Promise<void> {
  const pipeline = await openPipeline();
  const { api, voids } = openGooglePlay(readConfig());
  const until = pipeline.now().getTime() + SCHEDULED_RUN_MS;
  const isOver = () => pipeline.now().getTime() > until;
  let rows = 0;
  let failed = 0;
  for await (const page of api.listVoids()) {
    await forEachByKey(page, byPurchase, async (one) => {
      if (isOver()) return;
      rows += 1;
      if (!(await isShown(pipeline, voids, one))) failed += 1;
    });
    if (isOver()) break;
  }
  if (isOver()) log.alert('the list of refunds was too long for one run', { gateway: NAME, rows });
  log.info('refunds listed by the store', { gateway: NAME, rows, failed });
}

/** Whether Google shows the refund. Never throws: a failed refund comes again with the next run. */
async function isShown(pipeline: Pipeline, voids: Voids, one: VoidedPurchase): Promise<boolean> {
  const receiptId = receiptIdOf(one.token);
  const event = {
    id: `listed_${receiptId}`,
    type: 'refund',
    receiptId,
    orderId: one.googleOrderId,
  };
  try {
    const { shown } = await ingestClaim(pipeline, { gateway: NAME, event }, () =>
      voids.syncVoid(one),
    );
    return shown !== 'nothing';
  } catch (error) {
    log.failure(error, { gateway: NAME, event_id: event.id });
    return false;
  }
}
