import { log } from '../log';
import { lookThrough } from './history';
import { askAboutOrders } from './orders';
import { recheckParked } from './parked';
import type { SecondLook } from './second-look';

/**
 * One run over one gateway: orders without a row, the gateway's own list, parked events. A step that
 * fails does not stop the others.
 * @throws the first failure, after the other steps.
 */
export async function reconcile(look: SecondLook): Promise<void> {
  const { name } = look;
  const failures: unknown[] = [];
  const step = async (run: (look: SecondLook) => Promise<number>) =>
    run(look).catch((error: unknown) => {
      failures.push(error);
      return 0;
    });
  const questions = await step(askAboutOrders);
  const pages = await step(lookThrough);
  const resolved = await step(recheckParked);
  if (questions + pages + resolved > 0) {
    log.info('second look', { gateway: name, questions, pages, resolved });
  }
  const [first, ...others] = failures;
  for (const error of others) log.failure(error, { gateway: name });
  if (first !== undefined) throw first;
}
