import { defineBoolean } from 'firebase-functions/params';
import { z } from 'zod';
import { list, readEnvironment, required, type Environment } from '../../config/environment';
import { paymentsMode, type PaymentsMode } from '../../config/settings';
import type { PublicKeys } from '../../gateway';

/** The folder, the group of functions and the rows' `gateway`. */
export const NAME = 'payeer';

const enabled = defineBoolean('PAYEER_ENABLED', { default: false });

/** Leaves the functions out of a deployment in which Payeer is off. */
export const omit = enabled.thenElse(false, true);

export const secrets = ['PAYEER_SECRET_KEY'];
export const checkoutSecrets = [...secrets, 'PAYEER_ENCRYPTION_KEY'];

/** As Payeer publishes them at https://payeer.com/merchant/ips.txt; the list may change. */
const ADDRESSES = ['185.71.65.92', '185.71.65.189', '149.202.17.210'];

const merchant = z.object({ PAYEER_MERCHANT_ID: required, PAYEER_SECRET_KEY: required });

/** What every app may know; see `app-getPublicKeys`. */
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
  /** Where notifications come from. */
  readonly addresses: readonly string[];
}

export function readConfig(environment?: Environment): PayeerConfig {
  const values = readEnvironment(
    merchant.extend({
      PAYMENTS_MODE: paymentsMode,
      PAYEER_SOURCE_ADDRESSES: list.default(ADDRESSES),
    }),
    environment,
  );
  return {
    ...merchantOf(values),
    mode: values.PAYMENTS_MODE,
    addresses: values.PAYEER_SOURCE_ADDRESSES,
  };
}

/** What signs the form and encrypts its parameters: two settings of the merchant. */
export interface FormConfig extends MerchantConfig {
  readonly encryptionKey: string;
}

export function readFormConfig(environment?: Environment): FormConfig {
  const values = readEnvironment(merchant.extend({ PAYEER_ENCRYPTION_KEY: required }), environment);
  return { ...merchantOf(values), encryptionKey: values.PAYEER_ENCRYPTION_KEY };
}

function merchantOf(values: z.output<typeof merchant>): MerchantConfig {
  return { merchantId: values.PAYEER_MERCHANT_ID, secretKey: values.PAYEER_SECRET_KEY };
}
