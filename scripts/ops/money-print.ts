import type { Reply } from '../../functions/src/http/call.ts';
import type * as calls from '../../functions/src/staff/adjustment-calls.ts';
import { columns } from '../reconcile/print.ts';
import { states, time, usd } from './print.ts';

/** What became of an adjustment. */
export function outcomeText({ adjustment, rows }: Reply<typeof calls.adjust>): string {
  const { adjustment_id: id, state, amount, uid, made_by: by, made_at: at } = adjustment;
  const { payment_id: moved } = adjustment;
  const sum = moved === null ? `${usd(amount)} USD` : `${usd(amount)} USD of ${moved}`;
  const what = `${sum} for ${uid}, asked for by ${by} at ${time(at)} UTC`;
  switch (state) {
    case 'waiting':
      return `${what}: waits for a second person, who runs: npm run ops -- adjust --approve ${id}`;
    case 'declined':
      return `${what}: declined.`;
    case 'booked': {
      const lines = rows.map(
        (row) => `${row.payment_id}: ${usd(row.amount)} USD, ${row.uid}, ${states[row.state]}`,
      );
      const next =
        moved === null
          ? 'To do the same once more, give another --reason or a --key.'
          : `What happened: npm run ops -- story ${moved}`;
      return [`${what}: booked.`, ...lines, next].join('\n');
    }
  }
}

/** The adjustments that wait. */
export function adjustmentTable({
  adjustments,
  is_more: isMore,
}: Reply<typeof calls.listAdjustments>): string {
  if (adjustments.length === 0) return 'No adjustment waits for a second person.';
  const rows = adjustments.map((one) => [
    one.adjustment_id,
    time(one.made_at),
    usd(one.amount),
    one.uid,
    one.payment_id ?? '–',
    one.made_by,
    one.reason,
  ]);
  return [
    columns([['Adjustment', 'Asked', 'USD', 'User', 'Moved', 'By', 'Why'], ...rows]),
    '',
    ...(isMore ? ['There are more: decide these first.'] : []),
    'npm run ops -- adjust --approve <id>, or --decline <id> --reason "…"',
  ].join('\n');
}
