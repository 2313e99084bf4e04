import { z } from 'zod';
import {
  address,
  readEnvironment,
  required,
  type ConfigReader,
  type Environment,
} from '../../config/environment';
import { gatewaySwitch } from '../../config/gateway-switch';
import { baseUrl, paymentsMode, type PaymentsMode } from '../../config/settings';
import { Misconfigured } from '../../errors';

/** The folder, the group of functions and the rows' `gateway`. */
export const NAME = 'wayforpay';

const enabled = gatewaySwitch('WAYFORPAY_ENABLED');

/** Leaves the functions out of a deployment that has WayForPay off. */
export const omit = enabled.omit;

/** Whether new orders are placed: not while the gateway is draining. */
export const takesOrders = enabled.takesOrders;

export const secrets = ['WAYFORPAY_SECRET_KEY'];

/** WayForPay has no test hosts. The merchant account decides whether money is real. */
const page = { live: 'https://secure.wayforpay.com/pay', test: 'https://secure.wayforpay.com/pay' };
const api = { live: 'https://api.wayforpay.com/api', test: 'https://api.wayforpay.com/api' };

/** WayForPay's public account. Its key is in WayForPay's SDK, so anybody can sign for it. */
const PUBLIC_ACCOUNT = 'test_merch_n1';

const schema = z.object({
  PAYMENTS_MODE: paymentsMode,
  WAYFORPAY_MERCHANT_ACCOUNT: required,
  WAYFORPAY_SECRET_KEY: required,
  WAYFORPAY_API_URL: address.optional(),
});

export interface WayforpayConfig {
  readonly mode: PaymentsMode;
  readonly merchantAccount: string;
  readonly secretKey: string;
  readonly apiUrl: string;
}

/** @throws Misconfigured also for WayForPay's public account in live mode. */
export function readConfig(environment?: Environment): WayforpayConfig {
  const values = readEnvironment(schema, environment);
  const { PAYMENTS_MODE: mode, WAYFORPAY_MERCHANT_ACCOUNT: merchantAccount } = values;
  if (mode === 'live' && merchantAccount === PUBLIC_ACCOUNT) {
    throw new Misconfigured('Configuration: WAYFORPAY_MERCHANT_ACCOUNT is the public test account');
  }
  const secretKey = values.WAYFORPAY_SECRET_KEY;
  const apiUrl = baseUrl('WAYFORPAY_API_URL', values.WAYFORPAY_API_URL, mode, api);
  return { mode, merchantAccount, secretKey, apiUrl };
}

/** The settings that only the checkout needs. */
export interface PageConfig {
  readonly pageUrl: string;
  /** The site that WayForPay has approved, without https://. */
  readonly domain: string;
  /** The address of `wayforpay-handleWebhookEvents`. */
  readonly callbackUrl: string;
}

export function readPageConfig(environment?: Environment): PageConfig {
  const values = readEnvironment(
    z.object({
      PAYMENTS_MODE: paymentsMode,
      WAYFORPAY_DOMAIN: required,
      WAYFORPAY_CALLBACK_URL: address,
      WAYFORPAY_PAGE_URL: address.optional(),
    }),
    environment,
  );
  return {
    pageUrl: baseUrl('WAYFORPAY_PAGE_URL', values.WAYFORPAY_PAGE_URL, values.PAYMENTS_MODE, page),
    domain: values.WAYFORPAY_DOMAIN,
    callbackUrl: values.WAYFORPAY_CALLBACK_URL,
  };
}

/** All that is read of the configuration; `npm run doctor` loads it by name. @public */
export const readers: readonly ConfigReader[] = [readConfig, readPageConfig];
