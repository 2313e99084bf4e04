import type { Reply } from '../../functions/src/http/call.ts';
import type * as calls from '../../functions/src/staff/calls.ts';
import { columns } from '../reconcile/print.ts';

type Found = Reply<typeof calls.find>;
type Row = Found['rows'][number];
type Parked = Found['parked'][number];

export const states: Readonly<Record<Row['state'], string>> = {
  synced: 'in the balance',
  waiting: 'waits for its push',
  refused: 'refused',
  ownerless: 'account deleted',
};

/** Orders, rows and parked events, a table each. */
export function findings(found: Found): string {
  const { orders, rows, parked, uid, as } = found;
  const user =
    as === 'email' ? [uid === null ? 'No account has this address.' : `The uid is ${uid}.`] : [];
  if (orders.length + rows.length + parked.length === 0) {
    return [
      ...user,
      "Nothing found. Try the gateway's id from its dashboard, or the amount and the day: find 12.50 2026-11-29",
    ].join('\n');
  }
  return [
    ...user,
    ...table(
      'Orders',
      ['Order', 'Placed', 'Gateway', 'USD', 'User'],
      orders.map((one) => [
        one.order_id,
        time(one.created_at),
        one.gateway,
        usd(one.amount),
        one.uid,
      ]),
    ),
    ...table('Rows', rowHead, rows.map(rowCells)),
    ...table('Parked events', parkedHead, parked.map(parkedCells)),
    found.is_more
      ? 'There are more; these are the newest.'
      : 'What happened: npm run ops -- story <id>',
  ].join('\n');
}

const rowHead = ['Payment', 'When', 'Kind', 'USD', 'State', 'Fault', 'User'];

function rowCells(row: Row): string[] {
  return [
    row.payment_id,
    time(row.occurred_at),
    row.kind,
    usd(row.amount),
    states[row.state],
    row.fault ?? '',
    row.uid,
  ];
}

const parkedHead = ['Event', 'Parked', 'USD', 'Next', 'Why'];

function parkedCells(event: Parked): string[] {
  const next = {
    release: `tried again ${time(event.next_at)}`,
    question: `gateway asked ${time(event.next_at)}`,
    person: 'a person',
    resolved: 'resolved',
  }[event.next];
  const why = `${event.reason}: ${event.message}`;
  return [event.parked_id, time(event.parked_at), usd(event.amount), next, why];
}

function table(title: string, head: string[], rows: string[][]): string[] {
  return rows.length === 0 ? [] : [title, columns([head, ...rows]), ''];
}

/** The parked events that are open. */
export function parkedTable({ parked, is_more: isMore }: Reply<typeof calls.listParked>): string {
  if (parked.length === 0) {
    return isMore
      ? 'None is open among the longest parked; there are too many resolved ones to see the rest. Ask for one gateway: --gateway <name>'
      : 'No parked event is open.';
  }
  return [
    ...table(
      `${parked.length}${isMore ? ' or more' : ''} open`,
      parkedHead,
      parked.map(parkedCells),
    ),
    'When the cause is mended: --retry <event|all>. When you have settled it: --resolve <event> --reason "…"',
  ].join('\n');
}

/** The rows that the Retail API has refused. */
export function refusedTable({ rows, is_more: isMore }: Reply<typeof calls.listRefused>): string {
  if (rows.length === 0) return 'No row is refused.';
  return [
    ...table(`${rows.length}${isMore ? ' or more' : ''} refused`, rowHead, rows.map(rowCells)),
    'When the cause is mended: --retry <payment|all>.',
  ].join('\n');
}

/** A story, line by line. */
export function storyText(story: Reply<typeof calls.getStory>): string {
  const head = [
    ['Order', story.order_id ?? '–'],
    ['Gateway', story.gateway],
    ['User', story.uid ?? '–'],
  ];
  const lines = story.lines.map(({ at, text, balance }) => [
    at === null ? 'now' : time(at),
    balance === null ? text : `${text} Balance: ${balance}.`,
  ]);
  return [
    columns(head),
    '',
    ...(lines.length === 0 ? [] : [columns(lines)]),
    '',
    story.summary,
  ].join('\n');
}

export function time(seconds: number | null): string {
  return seconds === null
    ? '–'
    : new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}

export function usd(cents: number | null): string {
  return cents === null ? '–' : (cents / 100).toFixed(2);
}
