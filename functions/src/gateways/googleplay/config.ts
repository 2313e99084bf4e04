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
import { readCatalogue } from '../../stores/catalogue';
import { readIsEarlier } from '../../stores/earlier-backend';
import { serviceAccountKey, type ServiceAccountKey } from './service-account-key';

/** The folder, the group of functions and the rows' `gateway`. */
export const NAME = 'googleplay';

const enabled = gatewaySwitch('GOOGLE_PLAY_ENABLED');

/** Leaves the functions out of a deployment that has Google Play off. */
export const omit = enabled.omit;

/** Bound by name: a declared secret would be required even where Google Play is off. */
export const secrets = ['GOOGLE_PLAY_SECRET_FILE'];

/** Google's hosts. One override replaces all of them, so that none is forgotten. */
const official = {
  api: 'https://androidpublisher.googleapis.com',
  token: 'https://oauth2.googleapis.com/token',
  certificates: 'https://www.googleapis.com/oauth2/v1/certs',
};

const origin = { PAYMENTS_MODE: paymentsMode, GOOGLE_PLAY_API_URL: address.optional() };

const api = z.object({
  ...origin,
  GOOGLE_PLAY_PACKAGE_NAME: required.regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/, 'is malformed'),
  GOOGLE_PLAY_SECRET_FILE: required.pipe(serviceAccountKey),
});

const push = z.object({
  ...origin,
  GOOGLE_PLAY_PUSH_AUDIENCE: required,
  GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT: required.pipe(z.email('must be an e-mail address')),
});

export interface GooglePlayConfig {
  readonly mode: PaymentsMode;
  /** The app whose purchases are ours. */
  readonly packageName: string;
  readonly key: ServiceAccountKey;
  /** The Play Developer API. */
  readonly apiUrl: string;
  /** The address that exchanges the key for an access token. */
  readonly tokenUrl: string;
}

/** The push subscription. Nothing has a default, so that every check is configured on purpose. */
export interface PushConfig {
  /** The audience of the push subscription, letter for letter. */
  readonly audience: string;
  /** The e-mail address of the service account that the subscription signs with. */
  readonly sender: string;
  /** The address of the certificates of Google's signing keys. */
  readonly certificatesUrl: string;
}

/** @throws Misconfigured with the variable's name. */
export function readConfig(environment?: Environment): GooglePlayConfig {
  const values = readEnvironment(api, environment);
  const { api: apiUrl, token: tokenUrl } = readHosts(values);
  return {
    mode: values.PAYMENTS_MODE,
    packageName: values.GOOGLE_PLAY_PACKAGE_NAME,
    key: values.GOOGLE_PLAY_SECRET_FILE,
    apiUrl,
    tokenUrl,
  };
}

/** @throws Misconfigured with the variable's name. */
export function readPushConfig(environment?: Environment): PushConfig {
  const values = readEnvironment(push, environment);
  return {
    audience: values.GOOGLE_PLAY_PUSH_AUDIENCE,
    sender: values.GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT,
    certificatesUrl: readHosts(values).certificates,
  };
}

function readHosts(values: z.output<z.ZodObject<typeof origin>>): typeof official {
  const { PAYMENTS_MODE: mode, GOOGLE_PLAY_API_URL: given } = values;
  const real = { live: official.api, test: official.api };
  const url = baseUrl('GOOGLE_PLAY_API_URL', given, mode, real);
  if (url === official.api) return official;
  return { api: url, token: `${url}/token`, certificates: `${url}/oauth2/v1/certs` };
}

/** All that is read of the configuration; `npm run doctor` loads it by name. @public */
export const readers: readonly ConfigReader[] = [
  readConfig,
  readPushConfig,
  readCatalogue,
  readIsEarlier,
];
