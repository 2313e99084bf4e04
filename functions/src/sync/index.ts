import { onSchedule } from 'firebase-functions/v2/scheduler';
import { scheduleOptions } from '../config/options';
import { log } from '../log';
import { openRoad } from '../road';
import { retailSecrets } from './config';
import { releaseParked } from './release';
import { sweep } from './sweep';

/** No push starts later than this: it leaves the last ones time to end before the timeout. */
const SWEEP_MS = 480_000;

/** Releases parked rows and pushes every row that is due. Two at once repeat calls, no credit. */
export const retryUnsynced = onSchedule(
  { ...scheduleOptions, schedule: 'every 5 minutes', secrets: retailSecrets },
  async () => {
    const road = await openRoad();
    const until = new Date(road.now().getTime() + SWEEP_MS);
    const released = await releaseParked(road);
    const result = await sweep(road, until);
    log.info('sweep', {
      released,
      synced: result.synced,
      failed: result.failed,
      oldest_due_s: result.oldestS,
      ...(result.stoppedBy !== undefined && { stopped_by: result.stoppedBy }),
    });
  },
);
