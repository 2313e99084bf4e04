import { z } from 'zod';
import {
  address,
  readEnvironment,
  required,
  sourceAddresses,
  type ConfigReader,
  type Environment,
} from '../../config/environment';
import { gatewaySwitch } from '../../config/gateway-switch';
import { baseUrl, paymentsMode, type PaymentsMode } from '../../config/settings';
import type { PublicKeys } from '../../gateway';

/** The folder, the group of functions and the rows' `gateway`. */
export const NAME = 'anypay';

const enabled = gatewaySwitch('ANYPAY_ENABLED');

/** Leaves the functions out of a deployment that has AnyPay off. */
export const omit = enabled.omit;

/** Whether new orders are placed: not while the gateway is draining. */
export const takesOrders = enabled.takesOrders;

/** No order is placed without the key with which the webhook asks AnyPay's API. */
export const secrets = ['ANYPAY_SECRET_KEY', 'ANYPAY_API_KEY'];

/** AnyPay has no test system. */
const official = { live: 'https://anypay.io/api', test: 'https://anypay.io/api' };

/** The addresses that the API's `ip-notification` lists. AnyPay may change the list. */
const ADDRESSES = ['185.162.128.38', '185.162.128.39', '185.162.128.88'];

const project = z.object({
  ANYPAY_PROJECT_ID: required.pipe(z.string().regex(/^\d{1,15}$/, 'must be a number')),
  ANYPAY_SECRET_KEY: required,
  ANYPAY_SIGN_TYPE: z.enum(['md5', 'sha256'], { error: 'must be md5 or sha256' }).default('md5'),
});

/** The keys that `app-getPublicKeys` gives to every app. */
export const publicKeys: PublicKeys = {
  anypayProjectId: (environment) =>
    readEnvironment(project.pick({ ANYPAY_PROJECT_ID: true }), environment).ANYPAY_PROJECT_ID,
};

/** A project of AnyPay. Its signature type is for the form and for the notifications. */
export interface ProjectConfig {
  readonly projectId: string;
  readonly secretKey: string;
  readonly signType: 'md5' | 'sha256';
}

export function readProjectConfig(environment?: Environment): ProjectConfig {
  return toProject(readEnvironment(project, environment));
}

export interface AnypayConfig extends ProjectConfig {
  readonly mode: PaymentsMode;
  /** The addresses that AnyPay sends notifications from. */
  readonly addresses: readonly string[];
  readonly apiUrl: string;
  readonly apiId: string;
  readonly apiKey: string;
}

export function readConfig(environment?: Environment): AnypayConfig {
  const values = readEnvironment(
    project.extend({
      PAYMENTS_MODE: paymentsMode,
      ANYPAY_API_ID: required,
      ANYPAY_API_KEY: required,
      ANYPAY_API_URL: address.optional(),
      ANYPAY_SOURCE_ADDRESSES: sourceAddresses.default(ADDRESSES),
    }),
    environment,
  );
  const { PAYMENTS_MODE: mode } = values;
  return {
    ...toProject(values),
    mode,
    addresses: values.ANYPAY_SOURCE_ADDRESSES,
    apiUrl: baseUrl('ANYPAY_API_URL', values.ANYPAY_API_URL, mode, official),
    apiId: values.ANYPAY_API_ID,
    apiKey: values.ANYPAY_API_KEY,
  };
}

function toProject(values: z.output<typeof project>): ProjectConfig {
  return {
    projectId: values.ANYPAY_PROJECT_ID,
    secretKey: values.ANYPAY_SECRET_KEY,
    signType: values.ANYPAY_SIGN_TYPE,
  };
}

/** All that is read of the configuration; `npm run doctor` loads it by name. @public */
export const readers: readonly ConfigReader[] = [readConfig, readProjectConfig];
