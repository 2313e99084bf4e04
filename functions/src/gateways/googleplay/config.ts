import { defineBoolean } from 'firebase-functions/params';
import { z } from 'zod';
import { address, readEnvironment, required, type Environment } from '../../config/environment';
import { baseUrl, paymentsMode, type PaymentsMode } from '../../config/settings';
import { serviceAccountKey, type ServiceAccountKey } from './service-account-key';

/** The folder, the group of functions and the rows' `gateway`. */
export const NAME = 'googleplay';

const enabled = defineBoolean('GOOGLE_PLAY_ENABLED', { default: false });

/** Leaves the functions out of a deployment in which Google Play is off. */
export const omit = enabled.thenElse(false, true);

/** Bound by name: a declared secret would be asked for even where Google Play is off. */
export const apiSecrets = ['GOOGLE_PLAY_SECRET_FILE'];

/** Google's hosts. One override stands for all of them, so that none is forgotten. */
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

export interface PlayConfig {
  readonly mode: PaymentsMode;
  /** The app whose purchases are ours. */
  readonly packageName: string;
  readonly key: ServiceAccountKey;
  /** The Play Developer API. */
  readonly apiUrl: string;
  /** Where the key is exchanged for an access token. */
  readonly tokenUrl: string;
}

/** Who may push, and for whom. Nothing here has a default: what is not set is not checked. */
export interface PushConfig {
  /** The audience of the push subscription, letter for letter. */
  readonly audience: string;
  /** The e-mail address of the service account that the subscription signs with. */
  readonly sender: string;
  /** Where Google publishes the certificates of its signing keys. */
  readonly certificatesUrl: string;
}

/** @throws Misconfigured with the variable's name. */
export function readPlayConfig(environment?: Environment): PlayConfig {
  const values = readEnvironment(api, environment);
  const { api: apiUrl, token: tokenUrl } = hostsOf(values);
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
    certificatesUrl: hostsOf(values).certificates,
  };
}

function hostsOf(values: z.output<z.ZodObject<typeof origin>>): typeof official {
  const { PAYMENTS_MODE: mode, GOOGLE_PLAY_API_URL: given } = values;
  const real = { live: official.api, test: official.api };
  const url = baseUrl('GOOGLE_PLAY_API_URL', given, mode, real);
  if (url === official.api) return official;
  return { api: url, token: `${url}/token`, certificates: `${url}/oauth2/v1/certs` };
}
