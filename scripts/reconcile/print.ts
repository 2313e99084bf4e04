import type { Sums } from '../../functions/src/reconcile/sums.ts';
import type { ReportLine } from '../../functions/src/reconcile/report-lines.ts';
import type { ReportSpan } from '../../functions/src/reconcile/report.ts';
import type { PrintedReport } from './books.ts';

/** The report for a terminal: the sums of each gateway and kind, then every difference. */
export function toTable(reports: readonly PrintedReport[], { since, until }: ReportSpan): string {
  const lines = reports.flatMap((report) => report.lines);
  const failed = reports.filter(({ failure }) => failure !== undefined);
  return [
    `From ${since.toISOString()} to before ${until.toISOString()}`,
    '',
    columns([
      ['Gateway', 'Kind', 'At the gateway', '', 'Booked', '', 'Delivered', ''],
      ...reports.flatMap(({ gateway, sums }) => sums.map((one) => sumCells(gateway, one))),
    ]),
    ...reports
      .filter(({ unlisted, failure }) => unlisted.length > 0 && failure === undefined)
      .map(({ gateway, unlisted }) => `${gateway} lists no ${unlisted.join(', ')}.`),
    ...reports.flatMap(({ gateway, listedSince }) =>
      listedSince === null
        ? []
        : `${gateway} lists nothing before ${listedSince.toISOString()}: rows before it were asked about one by one.`,
    ),
    ...failed.map(({ gateway, failure = '' }) => `${gateway} could not be compared: ${failure}`),
    '',
    lines.length === 0 ? 'No differences.' : differences(lines),
  ].join('\n');
}

function sumCells(gateway: string, one: Sums): string[] {
  const notes = [
    one.duplicate > 0 ? `${one.duplicate} were there already` : '',
    one.late > 0 ? `${one.late} on a later try` : '',
    one.undelivered > 0 ? `${one.undelivered} not delivered` : '',
  ].filter((note) => note !== '');
  return [
    gateway,
    one.kind,
    String(one.gatewayCount),
    dollars(one.gatewayCents),
    String(one.bookedCount),
    dollars(one.bookedCents),
    String(one.applied + one.duplicate + one.confirmed),
    notes.join(', '),
  ];
}

function differences(lines: readonly ReportLine[]): string {
  const count = lines.length === 1 ? '1 difference' : `${lines.length} differences`;
  const head = ['Difference', 'Payment', 'Gateway', 'Booked', 'When', 'Why'];
  const cells = lines.map((line) => [
    line.difference,
    line.paymentId,
    dollars(line.gatewayCents),
    dollars(line.bookedCents),
    line.occurredAt?.toISOString().slice(0, 16) ?? '',
    line.detail,
  ]);
  return `${count}\n\n${columns([head, ...cells])}`;
}

const csvHead = [
  'gateway',
  'difference',
  'movement',
  'payment_id',
  'order_id',
  'gateway_cents',
  'booked_cents',
  'occurred_at',
  'detail',
];

/** Every difference as CSV (RFC 4180), amounts in signed US cents. A gateway that failed has a line, too. */
export function toCsv(reports: readonly PrintedReport[]): string {
  const lines = reports.flatMap((report) =>
    report.failure === undefined
      ? report.lines.map((line) => [
          line.gateway,
          line.difference,
          line.movement ?? '',
          line.paymentId,
          line.orderId ?? '',
          line.gatewayCents ?? '',
          line.bookedCents ?? '',
          line.occurredAt?.toISOString() ?? '',
          line.detail,
        ])
      : [[report.gateway, 'failed', '', '', '', '', '', '', report.failure]],
  );
  return csvOf([csvHead, ...lines]);
}

/** Lines of CSV (RFC 4180) that a spreadsheet can open safely. */
export function csvOf(lines: readonly (readonly (string | number)[])[]): string {
  return lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function quoted(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Cells in columns; the first row has as many as any. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function dollars(cents: number | null): string {
  return cents === null || Number.isNaN(cents) ? '–' : (cents / 100).toFixed(2);
}
