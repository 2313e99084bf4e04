import { Unavailable } from '../errors';
import { log } from '../log';
import { lookThrough } from './history';
import { askAboutOrders } from './orders';
import { recheckParked } from './parked';
import type { SecondLook } from './second-look';

/**
 * One run over one gateway: orders without a row, the gateway's own list, parked events. A step that
 * fails is logged, and does not stop the others.
 * @throws Unavailable when a step has failed. What it left is done by the next run.
 */
export async function reconcile(look: SecondLook): Promise<void> {
  const { name: gateway } = look;
  const failures: unknown[] = [];
  const step = (run: (look: SecondLook) => Promise<number>) =>
    run(look).catch((error: unknown) => {
      failures.push(error);
      log.failure(error, { gateway });
      return 0;
    });
  const questions = await step(askAboutOrders);
  const pages = await step(lookThrough);
  const resolved = await step(recheckParked);
  if (questions + pages + resolved > 0) {
    log.info('second look', { gateway, questions, pages, resolved });
  }
  if (failures.length > 0)
    throw new Unavailable('The second look is not complete; the next run goes on.');
}
