import { Malformed } from '../errors';
import type { Call, Reply } from '../http/call';
import { openHistory } from '../ledger/history';
import { retailNameOf } from '../retail/gateway-names';
import type { getTransactions } from './calls';

/** Firestore reads, and bills, the rows before a page as well. */
const DEEPEST = 1_000;

export function openTransactions() {
  const history = openHistory();
  return {
    async read({
      input: { page, limit },
      caller: { uid },
    }: Call<typeof getTransactions>): Promise<Reply<typeof getTransactions>> {
      const pagesOf = (count: number) => Math.ceil(count / limit);
      if (page > pagesOf(DEEPEST)) {
        throw new Malformed(`Pages reach back ${DEEPEST} transactions, not further.`);
      }
      const { rows, total } = await history.page(uid, (page - 1) * limit, limit);
      const transactions = rows.map((row) => ({
        customer_id: uid,
        transaction_id: row.paymentId,
        gateway: retailNameOf(row.gateway),
        ...(row.kind !== undefined && { kind: row.kind }),
        ...(row.parentId !== undefined && { parent_id: row.parentId }),
        amount: row.amountCents,
        created_at: Math.floor(row.createdAt.getTime() / 1000),
        ...(row.isRefused && { is_refused: true as const }),
      }));
      return { transactions, page, limit, pages: pagesOf(Math.min(total, DEEPEST)), total };
    },
  };
}
