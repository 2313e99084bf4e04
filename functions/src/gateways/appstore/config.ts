import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import {
  address,
  flag,
  readEnvironment,
  required,
  wholeNumber,
  type ConfigReader,
  type Environment,
} from '../../config/environment';
import { gatewaySwitch } from '../../config/gateway-switch';
import { baseUrl, paymentsMode, type PaymentsMode } from '../../config/settings';
import { Misconfigured } from '../../errors';
import { readCatalogue } from '../../stores/catalogue';
import { readIsEarlier } from '../../stores/earlier-backend';
import { appleRootCaG3 } from './apple-root-ca-g3';

/** The folder, the group of functions and the rows' `gateway`. */
export const NAME = 'appstore';

const enabled = gatewaySwitch('APPSTORE_ENABLED');

/** Leaves the functions out of a deployment that has the App Store off. */
export const omit = enabled.omit;

/** Bound by name: a declared secret would be required even where the store is off. */
export const secrets = ['APPSTORE_PRIVATE_KEY'];

const app = z.object({
  PAYMENTS_MODE: paymentsMode,
  APPSTORE_BUNDLE_ID: required,
  APPSTORE_APP_APPLE_ID: wholeNumber(1, 999_999_999_999_999).optional(),
  APPSTORE_ROOT_CERTIFICATE: z.base64('must be base64').optional(),
});

export interface AppStoreConfig {
  readonly mode: PaymentsMode;
  readonly bundleId: string;
  /** The app's number in App Store Connect. The sandbox needs none. */
  readonly appAppleId: number | undefined;
  /** The root certificate that we trust, in DER. */
  readonly root: Buffer;
}

/** @throws Misconfigured also for another root certificate in live mode. */
export function readConfig(environment?: Environment): AppStoreConfig {
  const values = readEnvironment(app, environment);
  const { PAYMENTS_MODE: mode, APPSTORE_APP_APPLE_ID: appAppleId } = values;
  const { APPSTORE_ROOT_CERTIFICATE: ownRoot } = values;
  if (mode === 'live' && ownRoot !== undefined) {
    throw new Misconfigured(
      'Configuration: APPSTORE_ROOT_CERTIFICATE must not be overridden in live mode',
    );
  }
  if (mode === 'live' && appAppleId === undefined) {
    throw new Misconfigured('Configuration: APPSTORE_APP_APPLE_ID is missing');
  }
  const root = ownRoot === undefined ? appleRootCaG3 : parseCertificate(ownRoot);
  return { mode, bundleId: values.APPSTORE_BUNDLE_ID, appAppleId, root };
}

function parseCertificate(base64: string): Buffer {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).raw;
  } catch {
    throw new Misconfigured('Configuration: APPSTORE_ROOT_CERTIFICATE is no DER certificate');
  }
}

const official = {
  live: 'https://api.storekit.apple.com',
  test: 'https://api.storekit-sandbox.apple.com',
};

/** The value of the secret without a key. A bound secret cannot be left out. */
const NO_KEY = 'none';

const api = z.object({
  PAYMENTS_MODE: paymentsMode,
  APPSTORE_BUNDLE_ID: required,
  APPSTORE_PRIVATE_KEY: required
    // In a variable of one line, \n stands for a line break.
    .transform((pem) => pem.replaceAll('\\n', '\n'))
    .refine(isEcKey, "must be the text of Apple's .p8 file"),
  APPSTORE_KEY_ID: required,
  APPSTORE_ISSUER_ID: required,
  APPSTORE_API_URL: address.optional(),
});

const consent = z.object({
  APPSTORE_PRIVATE_KEY: required.default(NO_KEY),
  APPSTORE_CONSUMPTION_CONSENT: flag.default(false),
});

function isEcKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ec';
  } catch {
    return false;
  }
}

export interface ApiConfig {
  readonly mode: PaymentsMode;
  /** The users have agreed that Apple is told about consumption. */
  readonly hasConsent: boolean;
  readonly bundleId: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  readonly keyId: string;
  readonly issuerId: string;
  readonly url: string;
}

/**
 * The App Store Server API. Undefined without a key.
 * @throws Misconfigured with the variable's name, when a key comes without its ids.
 */
export function readApiConfig(environment?: Environment): ApiConfig | undefined {
  const wanted = readEnvironment(consent, environment);
  if (wanted.APPSTORE_PRIVATE_KEY === NO_KEY) return undefined;
  const values = readEnvironment(api, environment);
  const { PAYMENTS_MODE: mode, APPSTORE_API_URL: url } = values;
  return {
    mode,
    hasConsent: wanted.APPSTORE_CONSUMPTION_CONSENT,
    bundleId: values.APPSTORE_BUNDLE_ID,
    privateKey: values.APPSTORE_PRIVATE_KEY,
    keyId: values.APPSTORE_KEY_ID,
    issuerId: values.APPSTORE_ISSUER_ID,
    url: baseUrl('APPSTORE_API_URL', url, mode, official),
  };
}

/** All that is read of the configuration; `npm run doctor` loads it by name. @public */
export const readers: readonly ConfigReader[] = [
  readConfig,
  readApiConfig,
  readCatalogue,
  readIsEarlier,
];
