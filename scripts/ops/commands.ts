import { parseArgs } from 'node:util';
import type { Reply } from '../../functions/src/http/call.ts';
import type * as calls from '../../functions/src/staff/calls.ts';
import { bodyOf, OpsFailure, type OpsClient } from './client.ts';
import { faultOf, isMoney, moneyForms, moneyOptions, moneyUsage, runMoney } from './money.ts';
import { findings, parkedTable, refusedTable, storyText } from './print.ts';
import { refundCommand, refundsCommand } from './refunds.ts';

export const usage = `npm run ops -- <command>

  find <anything>               a uid, an e-mail address, our order id, a payment id, the gateway's id,
                                or an amount and a day: find 12.50 2026-11-29
  story <id>                    what happened to an order or a payment, and what it means for the balance
  recheck <id>                  asks the gateway now about an order or a payment, and books what it says
  parked [--gateway <name>]     events that are no rows and are not resolved
    --retry <id|all>            makes them due now
    --resolve <id> --reason …   a person has settled it
  refused                       rows that the Retail API has refused
    --retry <payment id|all>    makes them due now
${moneyUsage}
  refund <payment> [<cents>] --reason …
                                gives money back through its gateway: all that is left, or so much
    --address <address>         where coins go: the buyer's, of the coin and network that was paid with
    --yes, --another            asks nothing; gives as much back again within a day
  refunds                       refunds that are not ended
    --close <id> --reason …     nothing was given back by it
  staff add <email> <role>      viewer, support, finance, operator or admin
  staff remove <email>
  staff list

  --reason <text>               why, for the audit; name no person in it

On the stack it needs nothing. On a project: GOOGLE_CLOUD_PROJECT, FIREBASE_API_KEY, and the e-mail address and
password of a member of the staff, which are asked for, or OPS_EMAIL and OPS_PASSWORD. See docs/staff.md.`;

const options = {
  gateway: { type: 'string' },
  retry: { type: 'string' },
  resolve: { type: 'string' },
  reason: { type: 'string' },
  ...moneyOptions,
  close: { type: 'string' },
  address: { type: 'string' },
  yes: { type: 'boolean' },
  another: { type: 'boolean' },
} as const;

type Flag = 'yes' | 'another';

/** A command line, as it is read. */
export interface Command {
  readonly name: string;
  readonly words: readonly string[];
  readonly given: Readonly<
    Partial<Record<Exclude<keyof typeof options, Flag>, string> & Record<Flag, boolean>>
  >;
}

/** The options that each command takes, and how many words. */
const forms: Readonly<
  Record<string, { takes: readonly string[]; words: readonly [least: number, most: number] }>
> = {
  find: { takes: [], words: [1, 10] },
  story: { takes: [], words: [1, 1] },
  recheck: { takes: ['reason'], words: [1, 1] },
  parked: { takes: ['gateway', 'retry', 'resolve', 'reason'], words: [0, 0] },
  refused: { takes: ['retry', 'reason'], words: [0, 0] },
  refund: { takes: ['reason', 'address', 'yes', 'another'], words: [1, 2] },
  refunds: { takes: ['close', 'reason'], words: [0, 0] },
  staff: { takes: [], words: [1, 3] },
  ...moneyForms,
};

/** Reads a command line. A text says what is wrong with it. */
export function readCommand(argv: readonly string[]): Command | string {
  let parsed;
  try {
    // An amount below 0 is no option; a blank before it tells them apart.
    const args = argv.map((one) => (/^-\d/.test(one) ? ` ${one}` : one));
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const [name = '', ...words] = parsed.positionals.map((word) => word.trim());
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (form === undefined) return name === '' ? 'No command.' : `There is no command ${name}.`;
  const [least, most] = form.words;
  if (words.length < least) return `${name} needs more: see below.`;
  if (words.length > most) return `${name} takes no ${words[most] ?? ''}.`;
  const given = { ...parsed.values };
  const strange = Object.keys(given).find((option) => !form.takes.includes(option));
  if (strange !== undefined) return `${name} takes no --${strange}.`;
  if (given.resolve !== undefined && given.retry !== undefined) {
    return 'Either --retry or --resolve.';
  }
  if (given.reason === undefined) {
    if (given.resolve !== undefined) return '--resolve needs a --reason.';
    if (given.close !== undefined) return '--close needs a --reason.';
    if (name === 'refund') return 'refund needs a --reason.';
  }
  return faultOf({ name, words, given }) ?? { name, words, given };
}

/** Does a command of the calls. @returns its text. @throws OpsFailure with the next step. */
export async function run(command: Command, client: OpsClient): Promise<string> {
  const { name, words, given } = command;
  if (isMoney(name)) return runMoney(command, client);
  switch (name) {
    case 'find':
      return findings(await post<typeof calls.find>(client, 'staff-find', { q: words.join(' ') }));
    case 'story':
      return storyText(await story(client, words[0] ?? ''));
    case 'recheck':
      return recheck(client, words[0] ?? '', given.reason);
    case 'parked':
      return parked(client, given);
    case 'refund':
      return refund(client, words, given);
    case 'refunds':
      return refundsCommand(client, given.close, given.reason);
    default:
      return refused(client, given);
  }
}

async function read<Contract extends StaffContract>(
  client: OpsClient,
  call: string,
  query: Record<string, string>,
): Promise<Reply<Contract>> {
  const name = `staff-${call}`;
  return bodyOf(name, await client.read(name, query)) as Reply<Contract>;
}

async function post<Contract extends StaffContract>(
  client: OpsClient,
  name: string,
  body: Record<string, unknown>,
): Promise<Reply<Contract>> {
  return bodyOf(name, await client.act(name, body)) as Reply<Contract>;
}

type StaffContract = (typeof calls)[
  | 'find'
  | 'getStory'
  | 'listParked'
  | 'retryParked'
  | 'resolveParked'
  | 'listRefused'
  | 'retryRefused'];

const story = (client: OpsClient, id: string) =>
  read<typeof calls.getStory>(client, 'getStory', { id });

async function recheck(client: OpsClient, id: string, reason?: string): Promise<string> {
  const { gateway, order_id: order, payment_id: payment } = await story(client, id);
  const asked = order ?? payment;
  if (gateway === 'manual')
    throw new OpsFailure('The staff has booked it: no gateway knows of it.');
  if (asked === null) {
    throw new OpsFailure(
      'It has no order and no row. Retry its event: npm run ops -- parked --retry <id>',
    );
  }
  const name = `${gateway}-recheck`;
  const answer = bodyOf(name, await client.act(name, { id: asked, reason })) as {
    told: number;
    booked: string[];
    parked: string[];
  };
  const told =
    answer.told === 0
      ? answer.parked.length === 0
        ? `${gateway} knows of no payment.`
        : `${gateway} told of nothing that can be a row.`
      : `${gateway} told of ${count(answer.told, 'movement')}; ${count(answer.booked.length, 'row')} new or pushed.`;
  const more = answer.parked.map((message) => `No row: ${message}`);
  return [told, ...answer.booked, ...more, '', storyText(await story(client, asked))].join('\n');
}

async function refund(
  client: OpsClient,
  [paymentId = '', cents]: readonly string[],
  { reason = '', address, yes = false, another = false }: Command['given'],
): Promise<string> {
  const { gateway } = await story(client, paymentId);
  const more = { gateway, cents, reason, address, isAnother: another, isYes: yes };
  return refundCommand(client, { paymentId, ...more });
}

async function parked(client: OpsClient, given: Command['given']): Promise<string> {
  const { gateway, retry, resolve, reason } = given;
  if (resolve !== undefined) {
    const body = { parked_id: resolve, reason };
    await post<typeof calls.resolveParked>(client, 'staff-resolveParked', body);
    return `${resolve} is resolved.`;
  }
  if (retry === undefined) {
    const query = gateway === undefined ? {} : { gateway };
    return parkedTable(await read<typeof calls.listParked>(client, 'listParked', query));
  }
  const body = { parked_id: retry, gateway, reason };
  const reply = await post<typeof calls.retryParked>(client, 'staff-retryParked', body);
  const { released, asked, is_more: isMore } = reply;
  return [
    `${count(released, 'row')} for the next run of sync-retryUnsynced (every 5 minutes).`,
    `${count(asked, 'event')} for the next run of <gateway>-reconcile (every 15 minutes).`,
    ...(isMore ? ['There are more: repeat it when these are done.'] : []),
  ].join('\n');
}

async function refused(client: OpsClient, { retry, reason }: Command['given']): Promise<string> {
  if (retry === undefined) {
    return refusedTable(await read<typeof calls.listRefused>(client, 'listRefused', {}));
  }
  const body = { payment_id: retry, reason };
  const { armed } = await post<typeof calls.retryRefused>(client, 'staff-retryRefused', body);
  return `${count(armed, 'row')} due again; the next sweep pushes (sync-retryUnsynced, every 5 minutes).`;
}

function count(many: number, thing: string): string {
  return `${many} ${thing}${many === 1 ? '' : 's'}`;
}
