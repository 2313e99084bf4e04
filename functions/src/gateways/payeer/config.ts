import { z } from 'zod';
import {
  address,
  flag,
  readEnvironment,
  required,
  sourceAddresses,
  type ConfigReader,
  type Environment,
} from '../../config/environment';
import { gatewaySwitch } from '../../config/gateway-switch';
import { baseUrl, paymentsMode, type PaymentsMode } from '../../config/settings';
import type { PublicKeys } from '../../gateway';

/** The name of the folder and of the group of functions, and the `gateway` of the rows. */
export const NAME = 'payeer';

const enabled = gatewaySwitch('PAYEER_ENABLED');

/** Leaves the functions out of a deployment where Payeer is off. */
export const omit = enabled.omit;

/** Whether new orders are placed: not while the gateway is draining. */
export const takesOrders = enabled.takesOrders;

/** The secrets of the webhook, by name: a declared secret is asked for even where Payeer is off. */
export const secrets = ['PAYEER_SECRET_KEY'];
/** The secrets of `payeer-createOrder`. */
export const checkoutSecrets = [...secrets, 'PAYEER_ENCRYPTION_KEY'];
/** The secrets of the second look, which asks Payeer's API. The webhook does not. */
export const reconcileSecrets = [...secrets, 'PAYEER_API_PASSWORD'];

/** Payeer publishes this list at https://payeer.com/merchant/ips.txt and may change it. */
const ADDRESSES = ['185.71.65.92', '185.71.65.189', '149.202.17.210'];

const merchant = z.object({ PAYEER_MERCHANT_ID: required, PAYEER_SECRET_KEY: required });

/** The values that `app-getPublicKeys` gives to every app. */
export const publicKeys: PublicKeys = {
  payeerMerchantId: (environment) =>
    readEnvironment(merchant.pick({ PAYEER_MERCHANT_ID: true }), environment).PAYEER_MERCHANT_ID,
};

export interface MerchantConfig {
  readonly merchantId: string;
  readonly secretKey: string;
}

export interface PayeerConfig extends MerchantConfig {
  readonly mode: PaymentsMode;
  /** The IP addresses that notifications come from. */
  readonly addresses: readonly string[];
}

/** @throws Misconfigured with the names of the variables that are missing. */
export function readConfig(environment?: Environment): PayeerConfig {
  const values = readEnvironment(
    merchant.extend({
      PAYMENTS_MODE: paymentsMode,
      PAYEER_SOURCE_ADDRESSES: sourceAddresses.default(ADDRESSES),
    }),
    environment,
  );
  return {
    ...toMerchant(values),
    mode: values.PAYMENTS_MODE,
    addresses: values.PAYEER_SOURCE_ADDRESSES,
  };
}

/** The secret key signs the form; the encryption key encrypts the form's additional parameters. */
export interface FormConfig extends MerchantConfig {
  readonly encryptionKey: string;
}

/** @throws Misconfigured with the names of the variables that are missing. */
export function readFormConfig(environment?: Environment): FormConfig {
  const values = readEnvironment(merchant.extend({ PAYEER_ENCRYPTION_KEY: required }), environment);
  return { ...toMerchant(values), encryptionKey: values.PAYEER_ENCRYPTION_KEY };
}

/** Payeer has no test system. */
const official = {
  live: 'https://payeer.com/ajax/api/api.php',
  test: 'https://payeer.com/ajax/api/api.php',
};

/** The value of the secret where no API user exists: a bound secret cannot be left out. */
const NO_PASSWORD = 'none';

const account = z.object({
  PAYEER_ACCOUNT: required.pipe(z.string().regex(/^P\d{1,20}$/, 'must be like P1000000')),
});

const api = merchant.pick({ PAYEER_MERCHANT_ID: true }).extend({
  ...account.shape,
  PAYMENTS_MODE: paymentsMode,
  PAYEER_API_ID: required,
  PAYEER_API_PASSWORD: required.refine(
    (password) => password !== NO_PASSWORD,
    "must be the API user's secret key where PAYEER_ACCOUNT is set",
  ),
  PAYEER_API_URL: address.optional(),
  PAYEER_API_BOOKS: flag.default(false),
});

/**
 * Whether Payeer's API is asked at all: where PAYEER_ACCOUNT is set. A merchant can do without an API
 * user, and then Payeer is believed to tell us everything.
 * @throws Misconfigured when PAYEER_ACCOUNT cannot be one.
 */
export function usesApi(environment?: Environment): boolean {
  return readEnvironment(account.partial(), environment).PAYEER_ACCOUNT !== undefined;
}

/** The user of Payeer's API. */
export interface ApiConfig {
  readonly url: string;
  readonly merchantId: string;
  readonly account: string;
  readonly apiId: string;
  readonly password: string;
  /**
   * Whether a payment that only the API shows is booked. The operator says so after a comparison of
   * the API's numbers with those of notifications.
   */
  readonly books: boolean;
}

/** @throws Misconfigured with the names of the variables that are missing. */
export function readApiConfig(environment?: Environment): ApiConfig {
  const values = readEnvironment(api, environment);
  const { PAYMENTS_MODE: mode, PAYEER_API_URL: url } = values;
  return {
    url: baseUrl('PAYEER_API_URL', url, mode, official),
    merchantId: values.PAYEER_MERCHANT_ID,
    account: values.PAYEER_ACCOUNT,
    apiId: values.PAYEER_API_ID,
    password: values.PAYEER_API_PASSWORD,
    books: values.PAYEER_API_BOOKS,
  };
}

function toMerchant(values: z.output<typeof merchant>): MerchantConfig {
  return { merchantId: values.PAYEER_MERCHANT_ID, secretKey: values.PAYEER_SECRET_KEY };
}

/** All that is read of the configuration; `npm run doctor` loads it by name. @public */
export const readers: readonly ConfigReader[] = [
  readConfig,
  readFormConfig,
  (environment) => usesApi(environment) && readApiConfig(environment),
];
