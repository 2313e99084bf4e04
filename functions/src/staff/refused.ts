import { NotFound } from '../errors';
import type { Reply } from '../http/call';
import { openDuePayments, type DuePayments } from '../ledger/due-payments';
import { openRowLookup, type RowLookup } from '../ledger/lookup';
import { MOST_OPEN, type listRefused, type retryRefused } from './calls';
import { toRowReply } from './replies';

export function openRefused(
  rows: RowLookup = openRowLookup(),
  payments: DuePayments = openDuePayments(),
  now = () => new Date(),
) {
  return {
    async list(): Promise<Reply<typeof listRefused>> {
      const refused = await rows.refused(MOST_OPEN + 1);
      return {
        rows: refused.slice(0, MOST_OPEN).map(toRowReply),
        is_more: refused.length > MOST_OPEN,
      };
    },

    /** @throws NotFound when the row is not there or was not refused. */
    async retry({ payment_id: id }: { payment_id: string }): Promise<Reply<typeof retryRefused>> {
      if (id === 'all') return { armed: await payments.rearm(now()) };
      if (!(await payments.rearmOne(id, now()))) throw new NotFound('No refused row has the id.');
      return { armed: 1 };
    },
  };
}
