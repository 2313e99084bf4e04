import { MINUTE_MS } from '../config/limits';
import { Unavailable } from '../errors';
import { log } from '../log';
import { lookThrough } from './history';
import { askAboutOrders } from './orders';
import { recheckParked } from './parked';
import { watchRefunds } from './refunds';
import type { SecondLook } from './second-look';

/** The part of a run that orders may take, and parked events, so that slow answers leave time for the list. */
const QUESTIONS_MS = 2 * MINUTE_MS;

/**
 * One run over one gateway: orders without a row, parked events, the gateway's own list. A step that
 * fails is logged, and does not stop the others.
 * @throws Unavailable when a step has failed. What it left is done by the next run.
 */
export async function reconcile(look: SecondLook): Promise<void> {
  const { name: gateway, pipeline } = look;
  const failures: unknown[] = [];
  const step = (run: (look: SecondLook) => Promise<number>, mostMs = Number.POSITIVE_INFINITY) => {
    const endsAt = pipeline.now().getTime() + mostMs;
    const isOver = () => look.isOver() || pipeline.now().getTime() > endsAt;
    return run({ ...look, isOver }).catch((error: unknown) => {
      failures.push(error);
      log.failure(error, { gateway });
      return 0;
    });
  };
  const questions = await step(askAboutOrders, QUESTIONS_MS);
  const resolved = await step(recheckParked, QUESTIONS_MS);
  const pages = await step(lookThrough);
  await step(watchRefunds);
  if (questions + pages + resolved > 0) {
    log.info('second look', { gateway, questions, pages, resolved });
  }
  if (failures.length > 0) {
    throw new Unavailable('The second look is not complete; the next run goes on.');
  }
}
