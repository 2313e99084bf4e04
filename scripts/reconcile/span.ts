import type { ReportSpan } from '../../functions/src/reconcile/report.ts';

const form = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/;

/** The span that two dates name; a day without a time begins at midnight UTC. Else what is wrong. */
export function readSpan(from: string | undefined, to: string | undefined): ReportSpan | string {
  const since = toTime(from);
  const until = toTime(to);
  if (since === undefined) return '--from is missing or is not a date.';
  if (until === undefined) return '--to is missing or is not a date.';
  if (since >= until) return '--to must be after --from.';
  return { since, until };
}

function toTime(text: string | undefined): Date | undefined {
  if (text === undefined || !form.test(text)) return undefined;
  const time = new Date(text);
  const day = text.slice(0, 10);
  const midnight = new Date(day);
  // A 31st of November would be the 1st of December.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day)
    return undefined;
  return Number.isNaN(time.getTime()) ? undefined : time;
}
