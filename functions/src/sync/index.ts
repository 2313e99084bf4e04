import { onSchedule } from 'firebase-functions/v2/scheduler';
import { RELEASE_RUN_MS, SCHEDULED_RUN_MS } from '../config/limits';
import { scheduleOptions } from '../config/options';
import { log } from '../log';
import { openPipeline, type Pipeline } from '../pipeline';
import { scheduled } from '../schedule/scheduled';
import { retailSecrets } from '../retail/config';
import { releaseParked } from './release';
import { sweep } from './sweep';

/** Releases parked rows and pushes every row that is due. Two at once repeat calls, no credit. */
export const retryUnsynced = onSchedule(
  { ...scheduleOptions, schedule: 'every 5 minutes', secrets: retailSecrets },
  scheduled('sync-retryUnsynced', run),
);

async function run(): Promise<void> {
  const pipeline = await openPipeline();
  const started = pipeline.now().getTime();
  const released = await releaseParked(pipeline, new Date(started + RELEASE_RUN_MS));
  await reportMisdated(pipeline);
  const result = await sweep(pipeline, new Date(started + SCHEDULED_RUN_MS));
  log.info('sweep', {
    released,
    synced: result.synced,
    failed: result.failed,
    oldest_due_s: result.oldestS,
    ...(result.stoppedBy !== undefined && { stopped_by: result.stoppedBy }),
  });
}

/** A row whose time is no time is found by no sweep. */
async function reportMisdated({ payments }: Pipeline): Promise<void> {
  for (const paymentId of await payments.misdated()) {
    log.alert('a row is never pushed: its next_sync_at must be a time', { payment_id: paymentId });
  }
}
