import { defineBoolean } from 'firebase-functions/params';
import { z } from 'zod';
import {
  address,
  flag,
  readEnvironment,
  required,
  type Environment,
} from '../../config/environment';
import { baseUrl, paymentsMode, type PaymentsMode } from '../../config/settings';
import { Misconfigured } from '../../errors';
import type { PublicKeys } from '../../gateway';

/** The folder, the group of functions and the rows' `gateway`. */
export const NAME = 'cryptomus';

const enabled = defineBoolean('CRYPTOMUS_ENABLED', { default: false });

/** Leaves the functions out of a deployment in which Cryptomus is off. */
export const omit = enabled.thenElse(false, true);

/** One key signs our requests and their notifications; the payout key is another one. */
export const secrets = ['CRYPTOMUS_PAYMENT_KEY'];

/** There is no sandbox: in test mode, too, an invoice is paid with real coins. */
const official = { live: 'https://api.cryptomus.com', test: 'https://api.cryptomus.com' };

const api = z.object({
  PAYMENTS_MODE: paymentsMode,
  CRYPTOMUS_MERCHANT_ID: required,
  CRYPTOMUS_PAYMENT_KEY: required,
  CRYPTOMUS_API_URL: address.optional(),
});

export interface CryptomusConfig {
  readonly mode: PaymentsMode;
  readonly merchantId: string;
  readonly paymentKey: string;
  readonly url: string;
}

export function readApiConfig(environment?: Environment): CryptomusConfig {
  const values = readEnvironment(api, environment);
  const { PAYMENTS_MODE: mode, CRYPTOMUS_API_URL: given } = values;
  return {
    mode,
    merchantId: values.CRYPTOMUS_MERCHANT_ID,
    paymentKey: values.CRYPTOMUS_PAYMENT_KEY,
    url: baseUrl('CRYPTOMUS_API_URL', given, mode, official),
  };
}

/** What every app may know; see `app-getPublicKeys`. */
export const publicKeys: PublicKeys = {
  cryptomusMerchantId: (environment) =>
    readEnvironment(api.pick({ CRYPTOMUS_MERCHANT_ID: true }), environment).CRYPTOMUS_MERCHANT_ID,
};

/** Whether an invoice that stayed underpaid credits what has arrived. */
export function readCreditsUnderpaid(environment?: Environment): boolean {
  const schema = z.object({ CRYPTOMUS_CREDIT_UNDERPAID: flag.default(true) });
  return readEnvironment(schema, environment).CRYPTOMUS_CREDIT_UNDERPAID;
}

/**
 * Where Cryptomus reports an invoice; each invoice names it, there is no setting for it.
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
