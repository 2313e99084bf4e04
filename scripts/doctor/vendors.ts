import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { openClient } from '../../functions/src/gateways/appstore/api.ts';
import type { ApiConfig } from '../../functions/src/gateways/appstore/config.ts';
import type { PayPalConfig } from '../../functions/src/gateways/paypal/config.ts';
import type { StripeApiConfig } from '../../functions/src/gateways/stripe/config.ts';
import type { RetailApi } from '../../functions/src/retail/retail-api.ts';
import { faultOfAddress, type Site } from './address.ts';
import type { Examined, Finding } from './examine.ts';

const load = createRequire(import.meta.url);

const TIMEOUT_MS = 15_000;

interface Webhook {
  readonly url: string;
  readonly events: readonly string[];
  readonly isOff: boolean;
}

/**
 * Asks those that money comes from and goes to whether they know us. Nothing is changed there; Apple
 * sends a test notification.
 * @param pauseMs between two questions to Apple, which sends a test in its own time.
 * @param on the gateways that are deployed. A setting that cannot be read is said where the settings are.
 */
export async function examineVendors(
  on: readonly string[],
  site: Site,
  pauseMs = 3_000,
): Promise<Examined[]> {
  const parts: readonly [title: string, isOn: boolean, look: () => Promise<Finding[]>][] = [
    ['The Retail API', true, examineRetail],
    ['Webhook at Stripe', on.includes('stripe'), () => examineStripe(site)],
    ['Webhook at PayPal', on.includes('paypal'), () => examinePayPal(site)],
    ["Apple's test notification", on.includes('appstore'), () => examineApple(pauseMs)],
  ];
  return Promise.all(
    parts
      .filter(([, isOn]) => isOn)
      .map(async ([title, , look]) => ({ title, findings: await seen(title, look) })),
  );
}

async function seen(name: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  return look().catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error);
    return [{ name, state: 'unseen' as const, words }];
  });
}

const wrong = (name: string, words: string, fix: string): Finding[] => [
  { name, state: 'wrong', words, fix },
];

function lib(file: string): unknown {
  return load(resolve('functions/lib', `${file}.js`));
}

/** One read, of a customer that is not there. */
async function examineRetail(): Promise<Finding[]> {
  const { openRetailApi } = lib('retail/retail-api') as {
    openRetailApi: () => Promise<RetailApi>;
  };
  const retail = await openRetailApi();
  try {
    await retail.balance('doctor');
    return [{ name: 'PLATFONE_API_KEY', state: 'ok', words: 'is taken' }];
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'Misconfigured') throw error;
    const fix = 'Compare PLATFONE_API_KEY with the dashboard of the Retail API, in this mode.';
    return wrong('PLATFONE_API_KEY', error.message, fix);
  }
}

const endpoints = z.object({
  data: z.array(
    z.object({ url: z.string(), status: z.string(), enabled_events: z.array(z.string()) }),
  ),
});

/** https://docs.stripe.com/api/webhook_endpoints/list */
async function examineStripe(site: Site): Promise<Finding[]> {
  const { url, secretKey } = (
    lib('gateways/stripe/config') as { readApiConfig: () => StripeApiConfig }
  ).readApiConfig();
  const { webhookEvents } = lib('gateways/stripe/webhook-events') as {
    webhookEvents: readonly string[];
  };
  const answer = await ask(`${url}/v1/webhook_endpoints?limit=100`, {
    authorization: `Bearer ${secretKey}`,
  });
  if (answer.status === 401) {
    return wrong(
      'STRIPE_SECRET_KEY',
      'is refused by Stripe',
      'Copy the key from the dashboard again.',
    );
  }
  if (answer.status === 403) throw new Error('Stripe: the key may not read Webhook Endpoints');
  const { data } = await read(answer, endpoints);
  const found = data
    .filter((one) => one.url.endsWith('/stripe-handleWebhookEvents'))
    .map((one) => ({ url: one.url, events: one.enabled_events, isOff: one.status !== 'enabled' }));
  return judge(site, 'stripe', found, webhookEvents);
}

const token = z.object({ access_token: z.string() });
const webhook = z.object({
  url: z.string(),
  event_types: z.array(z.object({ name: z.string(), status: z.string().optional() })),
});

/** https://developer.paypal.com/docs/api/webhooks/v1/#webhooks_get */
async function examinePayPal(site: Site): Promise<Finding[]> {
  const { url, clientId, clientSecret, webhookIds } = (
    lib('gateways/paypal/config') as { readConfig: () => PayPalConfig }
  ).readConfig();
  const { webhookEvents } = lib('gateways/paypal/webhook-events') as {
    webhookEvents: readonly string[];
  };
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const signedIn = await ask(
    `${url}/v1/oauth2/token`,
    { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    'grant_type=client_credentials',
  );
  if (signedIn.status === 401) {
    const fix =
      'Compare them with the app in the developer dashboard, live or sandbox as the mode is.';
    return wrong('PAYPAL_CLIENT_ID', 'or PAYPAL_CLIENT_SECRET is refused by PayPal', fix);
  }
  const { access_token: accessToken } = await read(signedIn, token);
  const found: Webhook[] = [];
  const unknown: string[] = [];
  for (const id of webhookIds) {
    const answer = await ask(`${url}/v1/notifications/webhooks/${id}`, {
      authorization: `Bearer ${accessToken}`,
    });
    if (answer.status === 404) {
      unknown.push(id);
      continue;
    }
    const { url: address, event_types: types } = await read(answer, webhook);
    const events = types.filter(({ status }) => status !== 'DISABLED').map(({ name }) => name);
    if (address.endsWith('/paypal-handleWebhookEvents')) {
      found.push({ url: address, events, isOff: false });
    }
  }
  const judged = await judge(site, 'paypal', found, webhookEvents);
  if (unknown.length === 0 || judged.every(({ state }) => state !== 'wrong')) return judged;
  const fix =
    'npm run setup:paypal registers one; or copy the id from the app of PAYPAL_CLIENT_ID.';
  const stranger = wrong('PAYPAL_WEBHOOK_ID', 'is no webhook of this app', fix);
  return found.length === 0 ? stranger : [...stranger, ...judged];
}

/** One webhook that is whole is enough: another may be on its way out. */
async function judge(
  site: Site,
  gateway: string,
  found: readonly Webhook[],
  needed: readonly string[],
): Promise<Finding[]> {
  const name = `${gateway}-handleWebhookEvents`;
  const fix = `npm run setup:${gateway} registers and corrects it`;
  const [first] = found;
  if (first === undefined) return wrong(name, 'is not registered: no event arrives', fix);
  const lacks = ({ events }: Webhook) =>
    events.includes('*') ? [] : needed.filter((event) => !events.includes(event));
  const faults: Finding[] = [];
  for (const { url } of found.filter((one) => !one.isOff && lacks(one).length === 0)) {
    const fault = await faultOfAddress(site, name, url);
    if (fault === undefined) return [{ name, state: 'ok', words: `gets all its events at ${url}` }];
    faults.push({ name, fix, ...fault });
  }
  const [fault] = faults.toSorted((a, b) => a.state.localeCompare(b.state));
  if (fault !== undefined) return [fault];
  if (found.every(({ isOff }) => isOff)) return wrong(name, `is switched off at ${first.url}`, fix);
  const listening = found.find(({ isOff }) => !isOff) ?? first;
  return wrong(name, `does not get ${lacks(listening).join(', ')}`, fix);
}

/** How often Apple is asked what became of its test. */
const MOST_QUESTIONS = 10;

/** What Apple says while it has not sent it. */
const NOT_SENT_YET = 4_040_008;
const NO_ADDRESS = 4_040_007;

/** https://developer.apple.com/documentation/appstoreserverapi/request-a-test-notification */
async function examineApple(pauseMs: number): Promise<Finding[]> {
  const name = 'appstore-handleWebhookEvents';
  const config = (
    lib('gateways/appstore/config') as { readApiConfig: () => ApiConfig | undefined }
  ).readApiConfig();
  if (config === undefined) throw new Error('APPSTORE_PRIVATE_KEY is none: Apple cannot be asked');
  const api = lib('gateways/appstore/api') as { openClient: typeof openClient };
  const client = api.openClient(config);
  const ADDRESS = `Set the address of ${name} in App Store Connect, App Information, version 2.`;
  try {
    const { testNotificationToken: sent = '' } = await client.requestTestNotification();
    for (let question = 1; question <= MOST_QUESTIONS; question += 1) {
      await delay(pauseMs);
      const status = await client.getTestNotificationStatus(sent).catch((error: unknown) => {
        if (codeOf(error).apiError === NOT_SENT_YET) return undefined;
        throw error;
      });
      const result = status?.sendAttempts?.at(-1)?.sendAttemptResult;
      if (result === 'SUCCESS') return [{ name, state: 'ok', words: "has received Apple's test" }];
      if (result !== undefined)
        return wrong(name, `has not taken Apple's test: ${result}`, ADDRESS);
    }
    throw new Error('Apple has not sent its test yet: repeat this later');
  } catch (error) {
    const { httpStatusCode: status, apiError } = codeOf(error);
    if (apiError === NO_ADDRESS) return wrong(name, 'is not known to Apple', ADDRESS);
    if (status !== 401) throw error;
    const fix =
      'Set APPSTORE_PRIVATE_KEY, APPSTORE_KEY_ID and APPSTORE_ISSUER_ID of one key, and the APPSTORE_BUNDLE_ID of an app of its account.';
    return wrong('APPSTORE_PRIVATE_KEY', 'is refused by Apple', fix);
  }
}

/** What Apple's client tells of a refusal. */
function codeOf(error: unknown): { readonly httpStatusCode?: number; readonly apiError?: unknown } {
  return typeof error === 'object' && error !== null ? error : {};
}

/** @throws Error that names who has answered, for a body that is not as documented. */
async function read<Schema extends z.ZodType>(
  answer: Response,
  schema: Schema,
): Promise<z.output<Schema>> {
  const { host } = new URL(answer.url);
  if (!answer.ok) throw new Error(`${host} answered ${answer.status}: repeat this later`);
  const { data, success } = schema.safeParse(await answer.json().catch(() => undefined));
  if (!success) throw new Error(`${host} answered in a form that its documents do not have`);
  return data;
}

/** A POST where there is a body. */
function ask(url: string, headers: Record<string, string>, body?: string): Promise<Response> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const init = { headers, signal, redirect: 'manual' as const };
  return fetch(url, body === undefined ? init : { ...init, method: 'POST', body }).catch(
    (error: unknown) => {
      throw new Error(`${new URL(url).host} does not answer`, { cause: error });
    },
  );
}
