import { X509Certificate } from 'node:crypto';
import { defineBoolean } from 'firebase-functions/params';
import { z } from 'zod';
import { address, readEnvironment, required, type Environment } from '../../config/environment';
import { baseUrl, paymentsMode, type PaymentsMode } from '../../config/settings';
import { Misconfigured } from '../../errors';
import type { PublicKeys } from '../../gateway';

/** The folder, the group of functions and the rows' `gateway`. */
export const NAME = 'paypal';

const enabled = defineBoolean('PAYPAL_ENABLED', { default: false });

/** Leaves the functions out of a deployment in which PayPal is off. */
export const omit = enabled.thenElse(false, true);

/** Secrets are bound by name: a declared secret would be asked for even where PayPal is off. */
export const apiSecrets = ['PAYPAL_CLIENT_SECRET'];

/** Live and sandbox are two worlds: apps, credentials and webhook ids of their own. */
const official = { live: 'https://api-m.paypal.com', test: 'https://api-m.sandbox.paypal.com' };

const api = z.object({
  PAYMENTS_MODE: paymentsMode,
  PAYPAL_CLIENT_ID: required,
  PAYPAL_CLIENT_SECRET: required,
  PAYPAL_API_URL: address.optional(),
});

export interface PayPalApiConfig {
  readonly mode: PaymentsMode;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly url: string;
}

export function readApiConfig(environment?: Environment): PayPalApiConfig {
  const values = readEnvironment(api, environment);
  const mode = values.PAYMENTS_MODE;
  return {
    mode,
    clientId: values.PAYPAL_CLIENT_ID,
    clientSecret: values.PAYPAL_CLIENT_SECRET,
    url: baseUrl('PAYPAL_API_URL', values.PAYPAL_API_URL, mode, official),
  };
}

/** What every app may know; see `app-getPublicKeys`. */
export const publicKeys: PublicKeys = {
  paypalClientId: (environment) =>
    readEnvironment(api.pick({ PAYPAL_CLIENT_ID: true }), environment).PAYPAL_CLIENT_ID,
};

const webhook = z.object({
  PAYMENTS_MODE: paymentsMode,
  // The simulator signs with the literal WEBHOOK_ID, for anyone who asks: the pattern refuses it.
  PAYPAL_WEBHOOK_ID: required.regex(/^[A-Za-z0-9]{1,50}$/, 'is not the id of a webhook'),
  PAYPAL_VERIFICATION: z
    .enum(['offline', 'postback'], { error: 'must be offline or postback' })
    .default('offline'),
  PAYPAL_API_URL: address.optional(),
  PAYPAL_TRUST_ANCHOR: z.string().optional(),
});

/** Where PayPal's signing certificates come from, and what makes them PayPal's. */
export interface CertificateConfig {
  /** The hosts that a certificate's address may name. */
  readonly hosts: readonly string[];
  /** Stands in for those hosts when a certificate is downloaded. */
  readonly url: string | undefined;
  /** The name that a certificate must be for. */
  readonly name: string;
  /** The one authority to trust, in place of those that Node trusts. */
  readonly anchor: X509Certificate | undefined;
}

export interface PayPalWebhookConfig {
  readonly webhookId: string;
  readonly verification: 'offline' | 'postback';
  readonly certificates: CertificateConfig;
}

const signers = {
  live: {
    hosts: ['api.paypal.com', 'api-m.paypal.com'],
    name: 'messageverificationcerts.paypal.com',
  },
  test: {
    hosts: ['api.sandbox.paypal.com', 'api-m.sandbox.paypal.com'],
    name: 'messageverificationcerts.sandbox.paypal.com',
  },
};

/** @throws Misconfigured also when something else than PayPal would be trusted in live mode. */
export function readWebhookConfig(environment?: Environment): PayPalWebhookConfig {
  const values = readEnvironment(webhook, environment);
  const { PAYMENTS_MODE: mode, PAYPAL_API_URL: url, PAYPAL_TRUST_ANCHOR: anchor } = values;
  baseUrl('PAYPAL_API_URL', url, mode, official);
  if (mode === 'live' && anchor !== undefined) {
    throw new Misconfigured('Configuration: PAYPAL_TRUST_ANCHOR must not be set in live mode');
  }
  return {
    webhookId: values.PAYPAL_WEBHOOK_ID,
    verification: values.PAYPAL_VERIFICATION,
    certificates: {
      ...signers[mode],
      url: mode === 'live' ? undefined : url,
      anchor: anchor === undefined ? undefined : certificateOf(anchor),
    },
  };
}

function certificateOf(base64: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    throw new Misconfigured('Configuration: PAYPAL_TRUST_ANCHOR is not a certificate');
  }
}
