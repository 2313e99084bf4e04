import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Reply } from '../../functions/src/http/call.ts';
import type * as calls from '../../functions/src/staff/month-calls.ts';
import { columns, csvOf } from '../reconcile/print.ts';
import { bodyOf, OpsFailure, type OpsClient } from './client.ts';
import { usd } from './print.ts';

type Row = Reply<typeof calls.listMonth>['rows'][number];

/** A report, as the command line asks for it. */
export interface ReportCommand {
  /** As `2026-11`, in UTC. */
  readonly month: string;
  readonly gateway: string | undefined;
  /** The file that every row is written into. */
  readonly csv: string | undefined;
}

/** The sum of the rows of one mode, gateway and kind. */
interface Sum {
  count: number;
  cents: number;
  /** Rows whose amount a person has broken. */
  broken: number;
}

/** Sums of a month for the accountant, and each row as CSV. @returns its text. */
export async function reportCommand(
  client: OpsClient,
  { month, gateway, csv }: ReportCommand,
  now = new Date(),
): Promise<string> {
  const sums = new Map<string, Sum>();
  // The file of an earlier report stays until this one is whole.
  const part = csv === undefined ? undefined : begin(csv);
  // Page by page: a month may have more rows than fit into memory.
  for (let after: string | null = ''; after !== null;) {
    const query = {
      month,
      ...(gateway !== undefined && { gateway }),
      ...(after !== '' && { after }),
    };
    const answer = bodyOf('staff-listMonth', await client.read('staff-listMonth', query));
    const { rows, next } = answer as Reply<typeof calls.listMonth>;
    for (const row of rows) add(sums, row);
    if (part !== undefined) appendFileSync(part, csvOf(rows.map(csvCells)));
    after = next;
  }
  if (csv !== undefined && part !== undefined) renameSync(part, csv);
  return [
    `${month}, in UTC, by the time that a row was booked.`,
    ...(isOver(month, now) ? [] : ['The month is not over yet: its sums may change.']),
    '',
    sums.size === 0 ? 'No row was booked.' : sumTable(sums),
    '',
    'Fees of the gateways are not known here: see their own reports.',
    ...brokenNote(sums),
    ...(csv === undefined ? [] : [`Every row is in ${csv}.`]),
  ].join('\n');
}

/** Begins a file beside it. @returns its name. @throws OpsFailure when it cannot be written. */
function begin(csv: string): string {
  const part = `${csv}.part`;
  try {
    writeFileSync(part, csvOf([csvHead]));
    return part;
  } catch {
    throw new OpsFailure(`${csv} cannot be written: name a file in a folder that is there.`);
  }
}

function isOver(month: string, now: Date): boolean {
  return now.toISOString().slice(0, 7) > month;
}

/** Credits of reviewers were never paid: they have sums of their own. */
function modeOf({ mode, is_reviewer: isReviewer }: Row): string {
  return isReviewer ? `${mode}, reviewers` : mode;
}

function add(sums: Map<string, Sum>, row: Row): void {
  const key = JSON.stringify([modeOf(row), row.gateway, row.kind]);
  const sum = sums.get(key) ?? { count: 0, cents: 0, broken: 0 };
  sum.count += 1;
  sum.cents += row.amount ?? 0;
  if (row.amount === null) sum.broken += 1;
  sums.set(key, sum);
}

function sumTable(sums: ReadonlyMap<string, Sum>): string {
  const lines = [...sums]
    .map(([key, sum]) => ({ names: JSON.parse(key) as [string, string, string], ...sum }))
    .toSorted((a, b) => a.names.join(' ').localeCompare(b.names.join(' '), 'en'));
  const modes = [...new Set(lines.map(({ names: [mode] }) => mode))];
  const cells = (names: readonly string[], count: number, cents: number) => [
    ...names,
    String(count),
    usd(cents),
    String(cents),
  ];
  const rows = modes.flatMap((mode) => {
    const ofMode = lines.filter(({ names }) => names[0] === mode);
    const total = (pick: (sum: Sum) => number) => ofMode.reduce((all, one) => all + pick(one), 0);
    return [
      ...ofMode.map(({ names, count, cents }) => cells(names, count, cents)),
      cells(
        [mode, 'total', ''],
        total(({ count }) => count),
        total(({ cents }) => cents),
      ),
    ];
  });
  return columns([['Mode', 'Gateway', 'Kind', 'Rows', 'USD', 'Cents'], ...rows]);
}

function brokenNote(sums: ReadonlyMap<string, Sum>): string[] {
  const broken = [...sums.values()].reduce((count, sum) => count + sum.broken, 0);
  return broken === 0 ? [] : [`Rows without a readable amount count as 0 in the sums: ${broken}.`];
}

const csvHead = [
  'payment_id',
  'parent_id',
  'order_id',
  'kind',
  'gateway',
  'mode',
  'is_reviewer',
  'amount_cents',
  'currency',
  'occurred_at',
  'created_at',
  'uid',
  'is_synced',
  'state',
];

function csvCells(row: Row): (string | number)[] {
  return [
    row.payment_id,
    row.parent_id ?? '',
    row.order_id ?? '',
    row.kind,
    row.gateway,
    row.mode,
    String(row.is_reviewer),
    row.amount ?? '',
    'USD',
    isoTime(row.occurred_at),
    isoTime(row.created_at),
    row.uid,
    String(row.state === 'synced'),
    row.state,
  ];
}

function isoTime(seconds: number | null): string {
  return seconds === null ? '' : new Date(seconds * 1000).toISOString();
}
