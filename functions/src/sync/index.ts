import { onSchedule } from 'firebase-functions/v2/scheduler';
import { LATE_ROW_MS, RELEASE_RUN_MS, SCHEDULED_RUN_MS } from '../config/limits';
import { scheduleOptions } from '../config/options';
import { log } from '../log';
import { openPipeline, type Pipeline } from '../pipeline';
import { scheduled } from '../schedule/scheduled';
import { retailSecrets } from '../retail/config';
import { releaseParked } from './release';
import type { StopReason } from './breaker';
import { sweep, type SweepResult } from './sweep';

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
  reportLate(result);
}

/** Money that was paid an hour ago and is not in the balance is what buyers write about. */
function reportLate({ oldestS, stoppedBy }: SweepResult): void {
  if (oldestS * 1000 <= LATE_ROW_MS) return;
  log.alert('the oldest row that is due has waited for more than an hour', {
    oldest_due_s: oldestS,
    ...(stoppedBy !== undefined && { stopped_by: stoppedBy }),
    next_step: nextSteps[stoppedBy ?? 'none'],
  });
}

const retailDown = 'The Retail API does not work: tell its operator. Rows wait; none is lost.';

const nextSteps: Readonly<Record<StopReason | 'none', string>> = {
  retail_down: retailDown,
  failing: retailDown,
  refusing: 'The Retail API refuses many users alike: check PLATFONE_API_KEY and PAYMENTS_MODE.',
  throttled: 'The Retail API answers 429: lower PLATFONE_CALLS_PER_SECOND, or ask it for more.',
  misconfigured: 'Check PLATFONE_API_KEY and PLATFONE_API_URL, and deploy.',
  time: 'More rows are due than a run can push: raise PLATFONE_CALLS_PER_SECOND.',
  none: 'npm run ops -- refused shows rows that are refused; the warnings before this line name others.',
};

/** A row whose time is no time is found by no sweep. */
async function reportMisdated({ payments }: Pipeline): Promise<void> {
  for (const paymentId of await payments.misdated()) {
    log.alert('a row is never pushed: its next_sync_at must be a time', {
      payment_id: paymentId,
      next_step: 'npm run ops -- refused --retry <payment_id> gives it a time.',
    });
  }
}
