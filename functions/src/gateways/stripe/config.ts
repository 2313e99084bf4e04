import { defineBoolean } from 'firebase-functions/params';
import { z } from 'zod';
import {
  address,
  readEnvironment,
  required,
  requiredList,
  wholeNumber,
  type Environment,
} from '../../config/environment';
import { baseUrl, paymentsMode, type PaymentsMode } from '../../config/settings';
import { Misconfigured } from '../../errors';
import type { PublicKeys } from '../../gateway';

/** The folder, the group of functions and the rows' `gateway`. */
export const NAME = 'stripe';

const enabled = defineBoolean('STRIPE_ENABLED', { default: false });

/** Leaves the functions out of a deployment in which Stripe is off. */
export const omit = enabled.thenElse(false, true);

/** Secrets are bound by name: a declared secret would be asked for even where Stripe is off. */
export const apiSecrets = ['STRIPE_SECRET_KEY'];
export const webhookSecrets = ['STRIPE_WEBHOOK_SECRET'];

/** One address for both modes: the key decides. */
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
  /** For one call; the SDK's own 80 s outlive the function. */
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

/** The endpoint's signing secrets; several while one replaces another. */
export function readWebhookSecrets(environment?: Environment): readonly string[] {
  const schema = z.object({ STRIPE_WEBHOOK_SECRET: requiredList });
  return readEnvironment(schema, environment).STRIPE_WEBHOOK_SECRET;
}

/** What the app needs to show Stripe's payment sheet. */
export function readPublishableKey(environment?: Environment): string {
  const schema = z.object({ PAYMENTS_MODE: paymentsMode, STRIPE_PUBLISHABLE_KEY: required });
  const values = readEnvironment(schema, environment);
  checkKey('STRIPE_PUBLISHABLE_KEY', values.STRIPE_PUBLISHABLE_KEY, 'pk', values.PAYMENTS_MODE);
  return values.STRIPE_PUBLISHABLE_KEY;
}

/** What every app may know; see `app-getPublicKeys`. */
export const publicKeys: PublicKeys = {
  stripePublishableKey: readPublishableKey,
};

/** A key says what it is and its mode: `sk_live_…`, `rk_test_…`, `pk_test_…`. */
function checkKey(name: string, key: string, kinds: 'sk|rk' | 'pk', mode: PaymentsMode): void {
  if (new RegExp(`^(${kinds})_${mode}_`).test(key)) return;
  throw new Misconfigured(`Configuration: ${name} is not such a key of ${mode} mode`);
}
