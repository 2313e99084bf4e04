import type { openClient } from '../../functions/src/gateways/stripe/client.ts';
import type { Report } from './command.ts';

type Stripe = ReturnType<typeof openClient>;
type Endpoints = Stripe['webhookEndpoints'];
type Endpoint = Awaited<ReturnType<Endpoints['list']>>['data'][number];
type NewEndpoint = Parameters<Endpoints['create']>[0];

export interface StripePlan {
  readonly project: string;
  readonly address: string;
  readonly events: readonly string[];
  /** Whether a new endpoint takes the place of the one that is there. */
  readonly replace: boolean;
  /** The signing secrets that are kept, the newest first. */
  readonly kept: readonly string[];
  /** @throws when they cannot be kept. */
  readonly keep: (secrets: readonly string[]) => void;
}

/**
 * Registers the webhook: makes its endpoint, or sets the one with this address to exactly these
 * events and enables it.
 *
 * Stripe shows a signing secret once, when the endpoint is made. It is kept at once, before
 * the newest of those that are kept already; an endpoint whose secret could not be kept is removed again. With `replace` the old
 * endpoint goes last, so that Stripe always has one to tell.
 * @returns whether the functions have a secret to learn.
 * @throws Error in the words of the operator.
 */
export async function registerAtStripe(
  client: Stripe,
  plan: StripePlan,
  report: Report,
): Promise<boolean> {
  try {
    const there = await endpointsAt(client, plan.address);
    if (there.length === 0 || plan.replace) {
      await make(client, plan, report);
      for (const { id } of there) {
        await client.webhookEndpoints.del(id);
        report(`removed    endpoint ${id}`);
      }
      return true;
    }
    if (plan.kept.length === 0) {
      throw new Error(
        `The endpoint ${there[0]?.id ?? ''} is there, and STRIPE_WEBHOOK_SECRET is not kept. Stripe shows a secret only once to a program: copy it from the dashboard with npx firebase functions:secrets:set STRIPE_WEBHOOK_SECRET --project ${plan.project}, or run this with --replace.`,
      );
    }
    for (const endpoint of there) await correct(client, endpoint, plan.events, report);
    if (there.length > 1)
      report('            more than one has this address: --replace leaves one');
    return false;
  } catch (error) {
    throw inWords(error);
  }
}

async function endpointsAt(client: Stripe, address: string): Promise<Endpoint[]> {
  const found: Endpoint[] = [];
  for await (const endpoint of client.webhookEndpoints.list({ limit: 100 })) {
    if (endpoint.url === address && endpoint.application === null) found.push(endpoint);
  }
  return found;
}

async function make(client: Stripe, plan: StripePlan, report: Report): Promise<void> {
  const { id, secret } = await client.webhookEndpoints.create({
    url: plan.address,
    enabled_events: namesOf(plan.events),
    api_version: versionOf(client),
    description: 'Payments',
  });
  try {
    if (secret === undefined) throw new Error('Stripe has not told the signing secret.');
    plan.keep([secret, ...plan.kept.slice(0, 1)]);
  } catch (error) {
    await client.webhookEndpoints.del(id).catch(() => {
      throw new Error(
        `The secret of the new endpoint ${id} could not be kept, and the endpoint not be removed: remove it in Stripe's dashboard.`,
        { cause: error },
      );
    });
    throw error;
  }
  report(`made       endpoint ${id}, ${plan.events.length} events`);
  report('kept       STRIPE_WEBHOOK_SECRET');
  if (plan.kept.length > 0) {
    report(
      `           the old secret is accepted, too, until the new one is set alone: npx firebase functions:secrets:set STRIPE_WEBHOOK_SECRET --project ${plan.project}`,
    );
  }
}

async function correct(
  client: Stripe,
  endpoint: Endpoint,
  events: readonly string[],
  report: Report,
): Promise<void> {
  const { id, status, enabled_events: had, api_version: version } = endpoint;
  const isRight = had.toSorted().join() === events.toSorted().join();
  if (isRight && status === 'enabled') {
    report(`is there   endpoint ${id}`);
  } else {
    await client.webhookEndpoints.update(id, { enabled_events: namesOf(events), disabled: false });
    const what = [...(isRight ? [] : ['its events']), ...(status === 'enabled' ? [] : ['enabled'])];
    report(`corrected  endpoint ${id}: ${what.join(', ')}`);
  }
  const expected = versionOf(client);
  if (version !== expected) {
    report(
      `           its API version is ${version ?? "the account's"}, not ${expected}: --replace sets it`,
    );
  }
}

/** The SDK writes both as lists of literals. */
const namesOf = (events: readonly string[]) => [...events] as NewEndpoint['enabled_events'];
const versionOf = (client: Stripe) =>
  client.getApiField('version') as NonNullable<NewEndpoint['api_version']>;

/** Stripe's own errors have a type; its message of a refused key shows a part of the key. */
function inWords(error: unknown): unknown {
  if (
    !(error instanceof Error) ||
    !/^Stripe\w*Error$/.test(String((error as { type?: unknown }).type))
  )
    return error;
  const { statusCode, message } = error as Error & { statusCode?: number };
  const words: Partial<Record<number, string>> = {
    401: 'Stripe refuses STRIPE_SECRET_KEY: copy it again from Developers › API keys.',
    403: 'STRIPE_SECRET_KEY may not change webhook endpoints: give the restricted key the right to write them, or set STRIPE_SECRET_KEY=sk_… in the environment of this command.',
    429: 'Stripe asks to wait: run this again in a minute.',
  };
  if (statusCode === undefined || statusCode >= 500) {
    return new Error('Stripe did not answer: run this again.', { cause: error });
  }
  return new Error(words[statusCode] ?? `Stripe refuses the endpoint: ${message}`, {
    cause: error,
  });
}
