import { z } from 'zod';
import { list, readEnvironment, required, type Environment } from '../../config/environment';
import { gatewaySwitch } from '../../config/gateway-switch';
import { paymentsMode, type PaymentsMode } from '../../config/settings';
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
      PAYEER_SOURCE_ADDRESSES: list.default(ADDRESSES),
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

function toMerchant(values: z.output<typeof merchant>): MerchantConfig {
  return { merchantId: values.PAYEER_MERCHANT_ID, secretKey: values.PAYEER_SECRET_KEY };
}
