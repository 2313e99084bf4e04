import type { z } from 'zod';
import type { Reply } from '../http/call';
import { openRowLookup, type RowLookup } from '../ledger/lookup';
import type { listMonth } from './month-calls';
import { toRowReply } from './replies';

/** Rows in one answer. */
const PAGE = 300;

export function openMonths(rows: RowLookup = openRowLookup(), page = PAGE) {
  return {
    /** @throws NotFound, Unavailable. */
    async list({
      month,
      gateway,
      after,
    }: z.output<(typeof listMonth)['input']>): Promise<Reply<typeof listMonth>> {
      const found = await rows.written({ ...spanOf(month), gateway, after }, page + 1);
      const told = found.slice(0, page);
      return {
        rows: told.map((row) => ({
          ...toRowReply(row),
          parent_id: row.parentId,
          is_reviewer: row.isReviewer,
        })),
        next: found.length > page ? (told.at(-1)?.paymentId ?? null) : null,
      };
    },
  };
}

/** A month as `2026-11`, in UTC. */
function spanOf(month: string): { readonly since: Date; readonly until: Date } {
  const since = new Date(`${month}-01T00:00:00Z`);
  return { since, until: new Date(Date.UTC(since.getUTCFullYear(), since.getUTCMonth() + 1, 1)) };
}
