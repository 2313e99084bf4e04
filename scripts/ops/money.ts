import { createHash } from 'node:crypto';
import type { Reply } from '../../functions/src/http/call.ts';
import type * as calls from '../../functions/src/staff/adjustment-calls.ts';
import { bodyOf, type OpsClient } from './client.ts';
import type { Command } from './commands.ts';
import { adjustmentTable, outcomeText } from './money-print.ts';
import { reportCommand } from './report.ts';

/** The commands that change a balance, or tell the accountant of them. */
export const moneyUsage = `  adjust <uid> <cents> --reason …   changes a balance by hand; above a limit a second person approves
    --approve <id>              books what another member has asked for
    --decline <id> --reason …   ends it
    --key <key>                 another name for the same command, to do it once more
  adjustments                   what waits for a second person
  move <payment> <uid> --reason …   brings what is left of a payment to the right user; the limit holds, too
  report <month>                sums of a month such as 2026-11 (UTC), by gateway and kind
    --gateway <name>            this one alone, or manual
    --csv <file>                writes every row into this file`;

export const moneyOptions = {
  approve: { type: 'string' },
  decline: { type: 'string' },
  key: { type: 'string' },
  csv: { type: 'string' },
} as const;

export const moneyForms: Readonly<
  Record<string, { takes: readonly string[]; words: readonly [least: number, most: number] }>
> = {
  adjust: { takes: ['reason', 'approve', 'decline', 'key'], words: [0, 2] },
  adjustments: { takes: [], words: [0, 0] },
  move: { takes: ['reason'], words: [2, 2] },
  report: { takes: ['gateway', 'csv'], words: [1, 1] },
};

export function isMoney(name: string): boolean {
  return name in moneyForms;
}

/** The largest amount of one row, in US cents. */
const LARGEST = 10_000_000;

/** What is wrong with a command; undefined for one that can be done. */
export function faultOf({ name, words, given }: Command): string | undefined {
  if (name === 'adjust') return faultOfAdjust(words, given);
  if (name === 'move' && !given.reason?.trim()) return 'move needs a --reason.';
  if (name === 'report' && !/^20\d\d-(0[1-9]|1[0-2])$/.test(words[0] ?? '')) {
    return `${words[0] ?? ''} is no month: 2026-11 is one.`;
  }
  return undefined;
}

function faultOfAdjust(words: readonly string[], given: Command['given']): string | undefined {
  const { approve, decline, reason, key } = given;
  if (approve !== undefined && decline !== undefined) return 'Either --approve or --decline.';
  if (approve !== undefined || decline !== undefined) {
    if (words.length > 0 || key !== undefined) return 'The id of the adjustment says it all.';
    return decline !== undefined && !reason?.trim() ? '--decline needs a --reason.' : undefined;
  }
  const [uid, cents] = words;
  if (uid === undefined || cents === undefined) return 'adjust needs a uid and an amount in cents.';
  const amount = Number(cents);
  if (!/^[+-]?\d+$/.test(cents) || amount === 0 || Math.abs(amount) > LARGEST) {
    return `${cents} is no amount: a whole number of US cents, not 0, up to ${LARGEST} either way.`;
  }
  return reason?.trim() ? undefined : 'adjust needs a --reason.';
}

/** Does a command of these. @throws OpsFailure with the next step. */
export async function runMoney(command: Command, client: OpsClient): Promise<string> {
  const { name, words, given } = command;
  if (name === 'report') {
    const { gateway, csv } = given;
    return reportCommand(client, { month: words[0] ?? '', gateway, csv });
  }
  if (name === 'adjustments') {
    const answer = await client.read('staff-listAdjustments', {});
    const listed = bodyOf('staff-listAdjustments', answer);
    return adjustmentTable(listed as Reply<typeof calls.listAdjustments>);
  }
  const [call, body] = name === 'move' ? moveCall(words, given) : adjustCall(words, given);
  const outcome = bodyOf(call, await client.act(call, body));
  return outcomeText(outcome as Reply<typeof calls.adjust>);
}

type Call = [name: string, body: Readonly<Record<string, unknown>>];

function moveCall([paymentId, uid]: readonly string[], { reason }: Command['given']): Call {
  return ['staff-movePayment', { payment_id: paymentId, uid, reason }];
}

function adjustCall(
  words: readonly string[],
  { approve, decline, reason, key }: Command['given'],
): Call {
  if (approve !== undefined) return ['staff-approveAdjustment', { adjustment_id: approve }];
  if (decline !== undefined) {
    return ['staff-declineAdjustment', { adjustment_id: decline, reason }];
  }
  const [uid, cents] = words;
  const amount = Number(cents);
  const given = key ?? keyOf('adjust', uid, amount, reason?.trim());
  return ['staff-adjust', { uid, cents: amount, reason, key: given }];
}

/** The same command has the same key: after a time-out it is repeated, and does nothing twice. */
function keyOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
