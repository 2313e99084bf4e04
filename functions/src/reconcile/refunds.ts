import { LATE_REFUND_MS } from '../config/limits';
import { openRefundRequests, type RefundRequests } from '../ledger/refund-requests';
import { log } from '../log';
import type { SecondLook } from './second-look';

/**
 * Ends the requests for refunds whose rows have come, and tells of each that waits for its row for a
 * day, once. The gateway itself is asked by the other steps.
 * @returns how many were ended.
 * @throws Unavailable when Firestore does not answer.
 */
export async function watchRefunds(
  { name, pipeline }: SecondLook,
  requests: RefundRequests = openRefundRequests(),
): Promise<number> {
  const now = pipeline.now();
  let ended = 0;
  for (const request of await requests.open()) {
    if (request.gateway !== name) continue;
    const { state } = await requests.endBooked(request, now);
    if (state === 'done') ended += 1;
    const isLate = now.getTime() - request.createdAt.getTime() > LATE_REFUND_MS;
    if (state === 'done' || !isLate || request.alertedAt !== null) continue;
    // Told first: the process may die in between.
    log.alert('a refund has no row after a day', {
      gateway: name,
      payment_id: request.paymentId,
      outcome: state,
      next_step: "Look at the payment in the gateway's dashboard, then npm run ops -- refunds.",
    });
    await requests.note(request, { alertedAt: now }, now);
  }
  return ended;
}
