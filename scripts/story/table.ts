import type { Told } from './scene.ts';

const widths = [54, 44, 8, 8] as const;

export const heading = `\n${cells('What happened', 'Rows', 'Synced', 'Balance')}\n${'─'.repeat(119)}`;

/** A scene in one line, and in a second one why it failed. */
export function line({ title, rows, waiting, balanceCents, fault }: Told): string {
  const made = rows.map(readable).join(', ') || '–';
  const synced = waiting === 0 ? 'yes' : `${waiting} waits`;
  const mark = fault === undefined ? '✓' : `✗\n    ${fault}`;
  return `${cells(title, made, synced, dollars(balanceCents))} ${mark}`;
}

export function ending(balanceCents: number, ledgerCents: number): string {
  const verdict = balanceCents === ledgerCents ? 'they agree ✓' : 'they differ ✗';
  return `${'─'.repeat(119)}\nBalance ${dollars(balanceCents)}, ledger ${dollars(ledgerCents)}: ${verdict}`;
}

function cells(...texts: [string, string, string, string]): string {
  const [title, rows, synced, balance] = texts;
  const left = [title, rows, synced].map((text, index) => text.padEnd(widths[index] ?? 0));
  return [...left, balance.padStart(widths[3])].join(' ');
}

/** `refund -500` as `refund −5.00`. */
function readable(row: string): string {
  const [kind = '', cents = ''] = row.split(' ');
  return `${kind} ${Number(cents) > 0 ? '+' : ''}${dollars(Number(cents))}`;
}

function dollars(cents: number): string {
  return (cents / 100).toFixed(2).replace('-', '−');
}
