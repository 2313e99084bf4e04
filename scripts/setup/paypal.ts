import { z } from 'zod';
import type { PayPalApiConfig } from '../../functions/src/gateways/paypal/config.ts';
import type { exchange } from '../../functions/src/outbound.ts';
import type { Report } from './command.ts';

/** https://developer.paypal.com/docs/api/webhooks/v1/ */
const PATH = '/v1/notifications/webhooks';
const TIMEOUT_MS = 15_000;

const webhook = z.object({
  id: z.string(),
  url: z.string(),
  event_types: z.array(z.object({ name: z.string() })),
});
const list = z.object({ webhooks: z.array(webhook) });
const token = z.object({ access_token: z.string() });

type Webhook = z.output<typeof webhook>;

export interface PayPalPlan {
  readonly address: string;
  readonly events: readonly string[];
  /** The webhook ids that are kept. */
  readonly kept: readonly string[];
  /** @throws when they cannot be kept. */
  readonly keep: (ids: readonly string[]) => void;
}

/** Makes a call of PayPal's API; resolves to its JSON, or to undefined where there is none. */
type Ask = (method: string, path: string, body?: object) => Promise<unknown>;

/**
 * Registers the webhook: makes it, or sets the one with this address to exactly these events. PayPal
 * takes an address once. Its id is kept before those that are kept already and that PayPal still lists,
 * which stay for events that are under way; a webhook whose id could not be kept is removed again.
 * @returns whether the functions have an id to learn.
 * @throws Error in the words of the operator.
 */
export async function registerAtPayPal(
  config: PayPalApiConfig,
  fetcher: typeof exchange,
  plan: PayPalPlan,
  report: Report,
): Promise<boolean> {
  const ask = await signIn(config, fetcher);
  const { webhooks } = list.parse(await ask('GET', PATH));
  const there = webhooks.find(({ url }) => url === plan.address);
  const isListed = (id: string) => webhooks.some((one) => one.id === id);
  const others = plan.kept.filter((id) => id !== there?.id && isListed(id));
  if (there === undefined) {
    await make(ask, plan, others, report);
  } else {
    await correct(ask, there, plan, report);
    const ids = [there.id, ...others];
    if (ids.join() === plan.kept.join()) return false;
    plan.keep(ids);
  }
  const dropped = plan.kept.filter((id) => !isListed(id));
  if (dropped.length > 0) report(`dropped    ${dropped.join(', ')}: PayPal lists no such webhook`);
  return true;
}

/** @param others ids that are kept behind the new one. */
async function make(
  ask: Ask,
  plan: PayPalPlan,
  others: readonly string[],
  report: Report,
): Promise<void> {
  const body = { url: plan.address, event_types: typesOf(plan.events) };
  const { id } = webhook.parse(await ask('POST', PATH, body));
  try {
    plan.keep([id, ...others]);
  } catch (error) {
    await ask('DELETE', `${PATH}/${id}`);
    throw error;
  }
  report(`made       webhook ${id}, ${plan.events.length} events`);
}

/** PayPal refuses a change that changes nothing. */
async function correct(ask: Ask, there: Webhook, plan: PayPalPlan, report: Report): Promise<void> {
  const { id, event_types: had } = there;
  const names = had.map(({ name }) => name);
  if (names.toSorted().join() === plan.events.toSorted().join()) {
    report(`is there   webhook ${id}`);
    return;
  }
  const patch = [{ op: 'replace', path: '/event_types', value: typesOf(plan.events) }];
  await ask('PATCH', `${PATH}/${id}`, patch);
  report(`corrected  webhook ${id}: its events`);
}

const typesOf = (events: readonly string[]) => events.map((name) => ({ name }));

const refusals: Readonly<Record<string, string>> = {
  WEBHOOK_NUMBER_LIMIT_EXCEEDED:
    'PayPal has ten webhooks of this app, and takes no more: remove one in the developer dashboard.',
  WEBHOOK_URL_ALREADY_EXISTS: 'PayPal has got a webhook of this address just now: run this again.',
};

async function signIn(config: PayPalApiConfig, fetcher: typeof exchange): Promise<Ask> {
  const { url, clientId, clientSecret } = config;
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const answer = await fetcher('PayPal', `${url}/v1/oauth2/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${credentials}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
    timeoutMs: TIMEOUT_MS,
  });
  if (answer.status === 401) {
    throw new Error(
      'PayPal refuses PAYPAL_CLIENT_ID with PAYPAL_CLIENT_SECRET: set both of one app, of PAYMENTS_MODE.',
    );
  }
  if (!answer.ok) throw new Error(`PayPal answered ${answer.status}: run this again.`);
  const { access_token: accessToken } = token.parse(JSON.parse(answer.text));
  return async (method, path, body) => {
    const { ok, status, text } = await fetcher('PayPal', `${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      timeoutMs: TIMEOUT_MS,
    });
    if (ok) return text === '' ? undefined : (JSON.parse(text) as unknown);
    const [, name = ''] = /"name"\s*:\s*"([A-Z_]+)"/.exec(text) ?? [];
    throw new Error(refusals[name] ?? `PayPal answered ${status} ${name} to ${method} ${path}.`);
  };
}
