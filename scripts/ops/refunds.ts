import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { columns } from '../reconcile/print.ts';
import { bodyOf, OpsFailure, OpsMistake, type OpsClient } from './client.ts';

/** A refund, as the command line asks for it. */
export interface RefundCommand {
  readonly paymentId: string;
  /** The gateway of the payment. */
  readonly gateway: string;
  /** US cents; all that is left without it. */
  readonly cents: string | undefined;
  readonly reason: string;
  readonly isAnother: boolean;
  /** Where the money goes, for a gateway that needs to be told. */
  readonly address: string | undefined;
  /** Whether nothing is asked before it. */
  readonly isYes: boolean;
}

interface Preview {
  readonly can: 'none' | 'full' | 'partial';
  readonly by_hand: readonly string[];
  readonly needs_address: string | null;
  readonly amount: number;
  readonly paid: number;
  readonly left: number;
  readonly balance: number | null;
  readonly balance_after: number | null;
  readonly is_deleted_account: boolean;
  readonly is_credit_refused: boolean;
}

interface Request {
  readonly request_id: string;
  readonly payment_id: string;
  readonly gateway: string;
  readonly amount: number;
  readonly state: string;
  readonly refund_id: string | null;
  readonly fault: string | null;
  readonly created_at: number;
}

/** Where a question is asked, and where its answer comes from. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * Shows what a refund would do, asks, and does it.
 * @returns its text.
 * @throws OpsMistake and OpsFailure when it is not done.
 */
export async function refundCommand(
  client: OpsClient,
  command: RefundCommand,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<string> {
  const { paymentId, gateway, cents, reason, isAnother, address, isYes } = command;
  if (cents !== undefined && !/^[1-9]\d{0,8}$/.test(cents)) {
    throw new OpsMistake('The sum is whole US cents: 500 for 5.00 USD.');
  }
  const name = `${gateway}-previewRefund`;
  const query = {
    payment_id: paymentId,
    ...(cents !== undefined && { cents }),
    ...(isAnother && { is_another: 'true' }),
  };
  const told = bodyOf(name, await client.read(name, query)) as Preview;
  if (told.can === 'none') return byHand(told, gateway);
  checkAddress(told, address);
  const shown = previewText(told, paymentId, address);
  if (!isYes && !(await confirm(shown, terminal))) return 'Nothing was given back.';
  // The sum that was shown, though more may be left by now.
  const asked = { payment_id: paymentId, cents: told.amount, reason, is_another: isAnother };
  const body = { ...asked, ...(address !== undefined && { address }) };
  const answer = bodyOf(`${gateway}-refund`, await client.act(`${gateway}-refund`, body));
  const text = outcomeText(answer as Request);
  return isYes ? `${shown}\n${text}` : text;
}

function byHand({ by_hand: steps, amount }: Preview, gateway: string): string {
  const lines = steps.map((step, at) => `  ${at + 1}. ${step}`);
  return [
    `${gateway} gives nothing back through its API. To refund ${usd(amount)} USD by hand:`,
    ...lines,
  ].join('\n');
}

function checkAddress({ needs_address: needed }: Preview, address: string | undefined): void {
  if (needed !== null && address === undefined) {
    throw new OpsMistake(`Tell the address to pay to, --address <address>: ${needed}.`);
  }
  if (needed === null && address !== undefined) {
    throw new OpsMistake('The gateway gives the money back as it came: leave --address out.');
  }
}

function previewText(told: Preview, paymentId: string, address: string | undefined): string {
  const balance = told.is_deleted_account
    ? 'The account was deleted: no balance changes.'
    : told.balance === null
      ? 'The balance could not be read; it falls by the sum.'
      : `The balance is ${usd(told.balance)} USD, and will be ${usd(told.balance_after ?? 0)} USD.`;
  const to =
    address === undefined ? '' : ` The coins go to ${address}, and cannot be fetched back.`;
  const refused = told.is_credit_refused
    ? ` The Retail API has refused the payment itself: the refund would be taken from later money. First: npm run ops -- refused --retry ${paymentId}.`
    : '';
  return `${usd(told.amount)} USD of a payment of ${usd(told.paid)} USD, of which ${usd(told.left)} USD are left. ${balance}${to}${refused}`;
}

function outcomeText({ request_id: id, state, amount, fault }: Request): string {
  const sum = `${usd(amount)} USD`;
  switch (state) {
    case 'done':
      return `${sum} were given back, and the row is booked (request ${id}).`;
    case 'sent':
      return `The gateway has taken the refund of ${sum} (request ${id}); its row comes with the gateway's report.`;
    case 'failed':
      throw new OpsFailure(`Nothing was given back (request ${id}): ${fault ?? ''}`);
    default:
      throw new OpsFailure(
        `The gateway did not answer (request ${id}): ${fault ?? ''} Repeat the command in two minutes; nothing is given back twice.`,
      );
  }
}

/** `refunds`, and `refunds --close <request>`. @returns its text. */
export async function refundsCommand(
  client: OpsClient,
  close: string | undefined,
  reason: string | undefined,
): Promise<string> {
  if (close !== undefined) {
    const body = { request_id: close, reason };
    bodyOf('staff-closeRefund', await client.act('staff-closeRefund', body));
    return `${close} is closed: nothing was given back by it.`;
  }
  const answer = bodyOf('staff-listRefunds', await client.read('staff-listRefunds', {}));
  const { requests } = answer as { readonly requests: readonly Request[] };
  if (requests.length === 0) return 'No refund is under way.';
  const head = ['Request', 'Asked', 'Payment', 'USD', 'State', 'Fault'];
  const rows = requests.map((one) => [
    one.request_id,
    new Date(one.created_at * 1000).toISOString().slice(0, 16).replace('T', ' '),
    one.payment_id,
    usd(one.amount),
    one.state,
    one.fault ?? '',
  ]);
  return [
    columns([head, ...rows]),
    '',
    'requested, unknown: repeat the refund. sent: its row comes. When nothing was given back: --close <request> --reason "…"',
  ].join('\n');
}

/** Whether the answer is yes. Ctrl-D, Ctrl-C and the end of the input are none. */
async function confirm(text: string, { input, output }: Terminal): Promise<boolean> {
  if (input.isTTY !== true)
    throw new OpsFailure(`${text}\nTo do it without a question, add --yes.`);
  const terminal = createInterface({ input, output });
  const closed = once(terminal, 'close').then(() => '');
  try {
    const answer = terminal.question(`${text}\nGive it back? (y/n) `).catch(() => '');
    return /^y(es)?$/i.test((await Promise.race([answer, closed])).trim());
  } finally {
    terminal.close();
  }
}

function usd(cents: number): string {
  return (cents / 100).toFixed(2);
}
