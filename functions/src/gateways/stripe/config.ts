import { z } from 'zod';
import {
  address,
  readEnvironment,
  required,
  requiredList,
  wholeNumber,
  type ConfigReader,
  type Environment,
} from '../../config/environment';
import { gatewaySwitch } from '../../config/gateway-switch';
import { baseUrl, paymentsMode, type PaymentsMode } from '../../config/settings';
import { Misconfigured } from '../../errors';
import type { PublicKeys } from '../../gateway';

/** The name of the folder and of the group of functions, and the `gateway` of the rows. */
export const NAME = 'stripe';

const enabled = gatewaySwitch('STRIPE_ENABLED');

/** Leaves the functions out of a deployment where Stripe is off. */
export const omit = enabled.omit;

/** Whether new orders are placed: not while the gateway is draining. */
export const takesOrders = enabled.takesOrders;

/** The secrets of the call that asks for a status, by name: a declared secret is asked for even where Stripe is off. */
export const checkoutSecrets = ['STRIPE_SECRET_KEY'];
/** The secrets of the webhook, without which no order is placed. */
export const secrets = [...checkoutSecrets, 'STRIPE_WEBHOOK_SECRET'];

/** Stripe's signing secrets begin so; an id of a destination (`we_…`) does not. */
const signingSecrets = requiredList.refine(
  (secrets) => secrets.every((secret) => secret.startsWith('whsec_')),
  'must be whsec_…, as the destination shows it',
);

/** Both modes have one address: the key decides. */
const official = { live: 'https://api.stripe.com', test: 'https://api.stripe.com' };

const api = z.object({
  PAYMENTS_MODE: paymentsMode,
  STRIPE_SECRET_KEY: required,
  STRIPE_API_URL: address.optional(),
  STRIPE_TIMEOUT_MS: wholeNumber(100, 20_000).default(8_000),
});

export interface StripeApiConfig {
  readonly mode: PaymentsMode;
  readonly secretKey: string;
  readonly url: string;
  /** The limit of one call. The SDK's own limit of 80 s is longer than the function may run. */
  readonly timeoutMs: number;
}

/** @throws Misconfigured also when the key's mode is not the deployment's. */
export function readApiConfig(environment?: Environment): StripeApiConfig {
  const values = readEnvironment(api, environment);
  const { PAYMENTS_MODE: mode, STRIPE_SECRET_KEY: secretKey } = values;
  checkKey('STRIPE_SECRET_KEY', secretKey, 'sk|rk', mode);
  const url = baseUrl('STRIPE_API_URL', values.STRIPE_API_URL, mode, official);
  return { mode, secretKey, url, timeoutMs: values.STRIPE_TIMEOUT_MS };
}

export interface StripeConfig extends StripeApiConfig {
  /** The endpoint's signing secrets: several while one replaces another. */
  readonly webhookSecrets: readonly string[];
}

/** @throws Misconfigured with the names of the variables that are missing or wrong. */
export function readConfig(environment?: Environment): StripeConfig {
  const schema = z.object({ STRIPE_WEBHOOK_SECRET: signingSecrets });
  const apiConfig = readApiConfig(environment);
  const { STRIPE_WEBHOOK_SECRET: webhookSecrets } = readEnvironment(schema, environment);
  return { ...apiConfig, webhookSecrets };
}

/** The key with which an app shows Stripe's payment sheet. */
export function readPublishableKey(environment?: Environment): string {
  const schema = z.object({ PAYMENTS_MODE: paymentsMode, STRIPE_PUBLISHABLE_KEY: required });
  const values = readEnvironment(schema, environment);
  checkKey('STRIPE_PUBLISHABLE_KEY', values.STRIPE_PUBLISHABLE_KEY, 'pk', values.PAYMENTS_MODE);
  return values.STRIPE_PUBLISHABLE_KEY;
}

/** The values that `app-getPublicKeys` gives to every app. */
export const publicKeys: PublicKeys = {
  stripePublishableKey: readPublishableKey,
};

/** A key tells its kind and its mode: `sk_live_…`, `rk_test_…`, `pk_test_…`. */
function checkKey(name: string, key: string, kinds: 'sk|rk' | 'pk', mode: PaymentsMode): void {
  if (new RegExp(`^(${kinds})_${mode}_`).test(key)) return;
  throw new Misconfigured(`Configuration: ${name} is not such a key of ${mode} mode`);
}

/** All that is read of the configuration; `npm run doctor` loads it by name. @public */
export const readers: readonly ConfigReader[] = [readConfig, readPublishableKey];
