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
export const NAME = 'cryptomus';

const enabled = gatewaySwitch('CRYPTOMUS_ENABLED');

/** Leaves the functions out of a deployment where Cryptomus is off. */
export const omit = enabled.omit;

/** Whether new orders are placed: not while the gateway is draining. */
export const takesOrders = enabled.takesOrders;

/** One key signs our requests and Cryptomus's notifications. The payout key is another one. */
export const secrets = ['CRYPTOMUS_PAYMENT_KEY'];

/** Cryptomus has no sandbox. In test mode, too, an invoice is paid with real coins. */
const official = {
  cryptomus: { live: 'https://api.cryptomus.com', test: 'https://api.cryptomus.com' },
  // Heleket has the same calls and the same signatures.
  heleket: { live: 'https://api.heleket.com', test: 'https://api.heleket.com' },
};

const api = z.object({
  PAYMENTS_MODE: paymentsMode,
  CRYPTOMUS_MERCHANT_ID: required,
  CRYPTOMUS_PAYMENT_KEY: requiredList,
  CRYPTOMUS_HOST: z
    .enum(['cryptomus', 'heleket'], { error: 'must be cryptomus or heleket' })
    .default('cryptomus'),
  CRYPTOMUS_API_URL: address.optional(),
});

export interface CryptomusApiConfig {
  readonly mode: PaymentsMode;
  readonly merchantId: string;
  /** The first key signs our requests. Notifications may have any of them, while one replaces another. */
  readonly paymentKeys: readonly [string, ...string[]];
  readonly url: string;
}

/** @throws Misconfigured with the names of the variables that are missing or wrong. */
export function readApiConfig(environment?: Environment): CryptomusApiConfig {
  const values = readEnvironment(api, environment);
  const { PAYMENTS_MODE: mode, CRYPTOMUS_API_URL: given } = values;
  return {
    mode,
    merchantId: values.CRYPTOMUS_MERCHANT_ID,
    paymentKeys: values.CRYPTOMUS_PAYMENT_KEY as [string, ...string[]],
    url: baseUrl('CRYPTOMUS_API_URL', given, mode, official[values.CRYPTOMUS_HOST]),
  };
}

/** The values that `app-getPublicKeys` gives to every app. */
export const publicKeys: PublicKeys = {
  cryptomusMerchantId: (environment) =>
    readEnvironment(api.pick({ CRYPTOMUS_MERCHANT_ID: true }), environment).CRYPTOMUS_MERCHANT_ID,
};

export interface CryptomusConfig extends CryptomusApiConfig {
  /** Whether an invoice that stayed underpaid credits what has arrived. */
  readonly creditsUnderpaid: boolean;
}

/** @throws Misconfigured with the names of the variables that are missing or wrong. */
export function readConfig(environment?: Environment): CryptomusConfig {
  const schema = z.object({ CRYPTOMUS_CREDIT_UNDERPAID: flag.default(true) });
  const apiConfig = readApiConfig(environment);
  const values = readEnvironment(schema, environment);
  return { ...apiConfig, creditsUnderpaid: values.CRYPTOMUS_CREDIT_UNDERPAID };
}

/**
 * The address to which Cryptomus reports an invoice. Each invoice names it: the dashboard has no setting.
 * @throws Misconfigured also when it is not encrypted in live mode.
 */
export function readCallbackUrl(environment?: Environment): string {
  const schema = z.object({ PAYMENTS_MODE: paymentsMode, CRYPTOMUS_CALLBACK_URL: address });
  const { PAYMENTS_MODE: mode, CRYPTOMUS_CALLBACK_URL: url } = readEnvironment(schema, environment);
  if (mode === 'live' && !url.startsWith('https:')) {
    throw new Misconfigured('Configuration: CRYPTOMUS_CALLBACK_URL must be https in live mode');
  }
  return url;
}

/** All that is read of the configuration; `npm run doctor` loads it by name. @public */
export const readers: readonly ConfigReader[] = [readConfig, readCallbackUrl];
