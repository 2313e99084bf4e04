import { Conflict } from '../errors';
import type { Reply } from '../http/call';
import { isOpen } from '../ledger/refund-request';
import { openRefundRequests, type RefundRequests } from '../ledger/refund-requests';
import type { closeRefund, listRefunds } from './refund-calls';

export function openRefunds(
  requests: RefundRequests = openRefundRequests(),
  now = () => new Date(),
) {
  return {
    async list(): Promise<Reply<typeof listRefunds>> {
      const open = await Promise.all(
        (await requests.open()).map((one) => requests.endBooked(one, now())),
      );
      return {
        requests: open.filter(isOpen).map((one) => ({
          request_id: one.id,
          payment_id: one.paymentId,
          gateway: one.gateway,
          amount: one.amountCents,
          state: one.state,
          refund_id: one.refundId,
          fault: one.fault,
          created_at: Math.floor(one.createdAt.getTime() / 1000),
        })),
      };
    },

    /** @throws NotFound, and Conflict when it is ended or a call has it. */
    async close({
      request_id: id,
    }: {
      readonly request_id: string;
    }): Promise<Reply<typeof closeRefund>> {
      const request = await requests.endBooked(await requests.withId(id), now());
      if (!isOpen(request)) throw new Conflict('The request is ended already.');
      if (request.callUntil > now())
        throw new Conflict('A call has the request: wait two minutes.');
      await requests.note(request, { state: 'failed', fault: 'Closed by a person.' }, now());
      return { payment_id: request.paymentId };
    },
  };
}
