import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import {
  address,
  flag,
  readEnvironment,
  required,
  requiredList,
  type ConfigReader,
  type Environment,
} from '../../config/environment';
import { gatewaySwitch } from '../../config/gateway-switch';
import { baseUrl, paymentsMode, type PaymentsMode } from '../../config/settings';
import { Misconfigured } from '../../errors';
import type { PublicKeys } from '../../gateway';

/** The name of the folder and of the group of functions, and the `gateway` of the rows. */
export const NAME = 'paypal';

const enabled = gatewaySwitch('PAYPAL_ENABLED');

/** Leaves the functions out of a deployment where PayPal is off. */
export const omit = enabled.omit;

/** Whether new orders are placed: not while the gateway is draining. */
export const takesOrders = enabled.takesOrders;

/** The secrets, by name: a declared secret is asked for even where PayPal is off. */
export const secrets = ['PAYPAL_CLIENT_SECRET'];

/** Live and sandbox each have their own apps, credentials and webhook ids. */
const official = { live: 'https://api-m.paypal.com', test: 'https://api-m.sandbox.paypal.com' };

const api = z.object({
  PAYMENTS_MODE: paymentsMode,
  PAYPAL_CLIENT_ID: required,
  PAYPAL_CLIENT_SECRET: required,
  PAYPAL_MERCHANT_ID: required.regex(/^[A-Z0-9]{1,20}$/, 'is not the id of a merchant'),
  PAYPAL_API_URL: address.optional(),
});

/** The part of the configuration that the calls of PayPal's API need. */
export interface PayPalApiConfig {
  readonly mode: PaymentsMode;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Our account. Money that goes to another account is not ours. */
  readonly merchantId: string;
  readonly url: string;
}

/**
 * Reads the part that `paypal-captureOrder` needs: an order that the buyer has approved is taken,
 * even where the webhook has lost its id.
 * @throws Misconfigured with the names of the variables that are missing or wrong.
 */
export function readApiConfig(environment?: Environment): PayPalApiConfig {
  const values = readEnvironment(api, environment);
  const mode = values.PAYMENTS_MODE;
  return {
    mode,
    clientId: values.PAYPAL_CLIENT_ID,
    clientSecret: values.PAYPAL_CLIENT_SECRET,
    merchantId: values.PAYPAL_MERCHANT_ID,
    url: baseUrl('PAYPAL_API_URL', values.PAYPAL_API_URL, mode, official),
  };
}

/** The values that `app-getPublicKeys` gives to every app. */
export const publicKeys: PublicKeys = {
  paypalClientId: (environment) =>
    readEnvironment(api.pick({ PAYPAL_CLIENT_ID: true }), environment).PAYPAL_CLIENT_ID,
};

const webhook = z.object({
  PAYMENTS_MODE: paymentsMode,
  // Anybody can have PayPal's simulator sign for the webhook `WEBHOOK_ID`. The pattern refuses it.
  PAYPAL_WEBHOOK_ID: requiredList.refine(
    (ids) => ids.every((id) => /^[A-Za-z0-9]{1,50}$/.test(id)),
    'is not the id of a webhook',
  ),
  PAYPAL_VERIFICATION: z
    .enum(['offline', 'postback'], { error: 'must be offline or postback' })
    .default('offline'),
  PAYPAL_TRANSACTION_SEARCH: flag.default(false),
  PAYPAL_API_URL: address.optional(),
  PAYPAL_TRUST_ANCHOR: z.string().optional(),
});

/** Says where PayPal's signing certificates come from and which certificates are PayPal's. */
export interface CertificateConfig {
  /** The hosts that the address of a certificate may name. */
  readonly hosts: readonly string[];
  /** The address that certificates are downloaded from in place of those hosts; for tests. */
  readonly url: string | undefined;
  /** The host name that a certificate must be issued for. */
  readonly name: string;
  /** The only authority to trust in place of those that Node trusts; for tests. */
  readonly anchor: X509Certificate | undefined;
}

export interface PayPalConfig extends PayPalApiConfig {
  /** Several ids while one webhook replaces another. */
  readonly webhookIds: readonly string[];
  readonly verification: 'offline' | 'postback';
  /** Whether the app may list the account's transactions: PayPal gives that right on request only. */
  readonly searchesTransactions: boolean;
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

/** @throws Misconfigured also when live mode would trust anything but PayPal's own addresses. */
export function readConfig(environment?: Environment): PayPalConfig {
  const apiConfig = readApiConfig(environment);
  const values = readEnvironment(webhook, environment);
  const { PAYMENTS_MODE: mode, PAYPAL_API_URL: url, PAYPAL_TRUST_ANCHOR: anchor } = values;
  if (mode === 'live' && anchor !== undefined) {
    throw new Misconfigured('Configuration: PAYPAL_TRUST_ANCHOR must not be set in live mode');
  }
  return {
    ...apiConfig,
    webhookIds: values.PAYPAL_WEBHOOK_ID,
    verification: values.PAYPAL_VERIFICATION,
    searchesTransactions: values.PAYPAL_TRANSACTION_SEARCH,
    certificates: {
      ...signers[mode],
      url: mode === 'live' ? undefined : url,
      anchor: anchor === undefined ? undefined : parseCertificate(anchor),
    },
  };
}

function parseCertificate(base64: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    throw new Misconfigured('Configuration: PAYPAL_TRUST_ANCHOR is not a certificate');
  }
}

/** All that is read of the configuration; `npm run doctor` loads it by name. @public */
export const readers: readonly ConfigReader[] = [readConfig];
