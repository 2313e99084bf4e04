import { Misconfigured } from '../errors';
import { log } from '../log';
import type { UnpaidOrder } from '../orders/unpaid-orders';
import { pushNow } from '../retail/push';
import { questionAfter } from '../schedule/questions';
import { ask, bookAnswer, type SecondLook } from './second-look';

/** Questions in one run, so that a gateway's own limits are not used up. */
const MOST_QUESTIONS = 200;
const PAGE = 50;
/** Questions in a row without an answer: the gateway is down. */
const MOST_UNANSWERED = 3;

/**
 * Asks about bound orders that are due for a question and have no row, longest due first.
 * @returns how many questions were asked.
 * @throws Unavailable when Firestore or the gateway does not answer, Misconfigured when the gateway
 *   refuses our keys.
 */
export async function askAboutOrders(look: SecondLook): Promise<number> {
  const { name, gateway, pipeline, unpaid, isOver } = look;
  if (gateway.inquire === undefined) return 0;
  const turn = { asked: 0, unanswered: 0 };
  while (turn.asked < MOST_QUESTIONS && !isOver()) {
    const page = await unpaid.due(name, pipeline.now(), PAGE);
    for (const one of page.unpaid) {
      if (isOver()) break;
      turn.asked += 1;
      await askAbout(look, one, turn);
    }
    if (page.isLast) break;
  }
  return turn.asked;
}

async function askAbout(
  look: SecondLook,
  one: UnpaidOrder,
  turn: { unanswered: number },
): Promise<void> {
  const { pipeline, unpaid, name } = look;
  const { orderId, gatewayRef = null } = one.order;
  try {
    const asked = { orderId, ref: gatewayRef, paymentId: null };
    const reported = await ask(look, asked);
    turn.unanswered = 0;
    const held = reported.length > 1 ? await unpaid.startBooking(one) : one;
    if (held === undefined) return;
    const { fresh } = await bookAnswer(look, asked, reported);
    await pushNow(fresh, pipeline, pipeline.settings.pushBudgetMs);
    const isPaid = reported.some((movement) => 'kind' in movement && movement.kind === 'payment');
    await (isPaid ? unpaid.close(held) : unpaid.markUnpaid(held, pipeline.now()));
  } catch (error) {
    if (error instanceof Misconfigured) throw error;
    turn.unanswered += 1;
    // One that always fails must not stand in the way of the others.
    await unpaid.postpone(one, questionAfter(0, pipeline.now()));
    if (turn.unanswered >= MOST_UNANSWERED) throw error;
    log.failure(error, { gateway: name, order_id: orderId });
  }
}
