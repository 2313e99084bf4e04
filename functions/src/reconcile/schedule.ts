import { onSchedule, type ScheduleFunction } from 'firebase-functions/v2/scheduler';
import type { GlobalOptions } from 'firebase-functions/v2/options';
import { scheduleOptions } from '../config/options';
import type { Gateway, GatewayEvent } from '../gateway';
import { retailSecrets } from '../retail/config';
import { scheduled } from '../schedule/scheduled';

/**
 * Declares the scheduled second look of a gateway.
 * @param name the gateway's folder.
 * @param options its switch and its secrets.
 * @param open loads the gateway; called by a run.
 */
export function reconciliation<Event extends GatewayEvent>(
  name: string,
  { omit, secrets }: Pick<GlobalOptions, 'omit'> & { readonly secrets: readonly string[] },
  open: () => Promise<Gateway<Event>>,
): ScheduleFunction {
  return onSchedule(
    {
      ...scheduleOptions,
      ...(omit !== undefined && { omit }),
      schedule: 'every 15 minutes',
      secrets: [...secrets, ...retailSecrets],
    },
    scheduled(`${name}-reconcile`, async () => {
      const { reconcile } = await import('./reconcile');
      const { openSecondLook } = await import('./second-look');
      await reconcile(await openSecondLook(name, await open()));
    }),
  );
}
