import type { Reply } from '../../functions/src/http/call.ts';
import type * as calls from '../../functions/src/staff/adjustment-calls.ts';
import { columns } from '../reconcile/print.ts';
import { states, time, usd } from './print.ts';

/** What became of an adjustment. */
export function outcomeText({ adjustment, rows }: Reply<typeof calls.adjust>): string {
  const { adjustment_id: id, state, amount, uid, made_by: by, made_at: at } = adjustment;
  const what = `${usd(amount)} USD for ${uid}, asked for by ${by} at ${time(at)} UTC`;
  switch (state) {
    case 'waiting':
      return `${what}: waits for a second person, who runs: npm run ops -- adjust --approve ${id}`;
    case 'declined':
      return `${what}: declined.`;
    case 'booked': {
      const lines = rows.map((row) => `${row.payment_id}: ${states[row.state]}`);
      const again = 'To do the same once more, give another --reason or a --key.';
      return [`${what}: booked.`, ...lines, again].join('\n');
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
    one.made_by,
    one.reason,
  ]);
  return [
    columns([['Adjustment', 'Asked', 'USD', 'User', 'By', 'Why'], ...rows]),
    '',
    ...(isMore ? ['There are more: decide these first.'] : []),
    'npm run ops -- adjust --approve <id>, or --decline <id> --reason "…"',
  ].join('\n');
}
