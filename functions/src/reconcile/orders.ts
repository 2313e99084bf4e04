import { FIRST_QUESTION_PAUSE_MS, GIVE_UP_AFTER_MS } from '../config/limits';
import { Misconfigured, Unusable } from '../errors';
import type { AskedPayment } from '../gateway';
import { log } from '../log';
import type { Reported } from '../movement';
import type { UnpaidOrder } from '../orders/unpaid-orders';
import { park } from '../pipeline';
import { pushNow } from '../retail/push';
import { ask, bookAnswer, sourceOf, type SecondLook } from './second-look';

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
  const { orderId, gatewayRef = null } = one.order;
  const asked = { orderId, ref: gatewayRef, paymentId: null };
  try {
    const reported = await ask(look, asked);
    turn.unanswered = 0;
    await settle(look, one, asked, reported);
  } catch (error) {
    if (error instanceof Misconfigured) throw error;
    turn.unanswered += 1;
    await putOff(look, one, asked);
    if (turn.unanswered >= MOST_UNANSWERED) throw error;
    log.failure(error, { gateway: look.name, order_id: orderId });
  }
}

/** Books an answer, and ends the questions where it was the payment. */
async function settle(
  look: SecondLook,
  one: UnpaidOrder,
  asked: AskedPayment,
  reported: readonly Reported[],
): Promise<void> {
  const { pipeline, unpaid } = look;
  const held = reported.length > 1 ? await unpaid.startBooking(one) : one;
  if (held === undefined) return;
  const { fresh, parked } = await bookAnswer(look, asked, reported);
  await pushNow(fresh, pipeline, pipeline.settings.pushBudgetMs);
  const isPaid = reported.some((movement) => 'kind' in movement && movement.kind === 'payment');
  if (isPaid) await unpaid.close(held);
  else await unpaid.markUnpaid(held, pipeline.now(), parked.length > 0);
}

/** A question that always fails must not stand in the way of the others, nor be asked for ever. */
async function putOff(look: SecondLook, one: UnpaidOrder, asked: AskedPayment): Promise<void> {
  const { name, pipeline, unpaid } = look;
  const now = pipeline.now().getTime();
  const ageMs = now - one.order.createdAt.getTime();
  if (ageMs <= GIVE_UP_AFTER_MS) {
    const pauseMs = Math.max(FIRST_QUESTION_PAUSE_MS, ageMs / 4);
    await unpaid.postpone(one, new Date(now + pauseMs));
    return;
  }
  const error = new Unusable('The gateway has not answered about this order for 30 days.', {
    about: one.order.orderId,
  });
  await park(pipeline, sourceOf(name, asked), error, { isSecondLook: true, payment: asked });
  await unpaid.giveUp(one);
}
