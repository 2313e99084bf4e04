import { z } from 'zod';
import { Misconfigured } from '../errors';
import {
  address,
  flag,
  list,
  origins,
  readEnvironment,
  required,
  wholeNumber,
  type Environment,
} from './environment';
import { baseUrl, paymentsMode } from './settings';

/** From 0 to 1 with at most two decimals; read as hundredths, which compare exactly. */
const hundredths = z
  .string()
  .regex(/^(0(\.\d{1,2})?|1(\.00?)?)$/, 'must be a number from 0 to 1, such as 0.5')
  .transform((text) => Math.round(Number(text) * 100));

const recaptcha = z.object({
  PAYMENTS_MODE: paymentsMode,
  APP_ALLOWED_ORIGINS: origins.default([]),
  RECAPTCHA_SITE_KEY: required.optional(),
  RECAPTCHA_ANDROID_SITE_KEY: required.optional(),
  RECAPTCHA_IOS_SITE_KEY: required.optional(),
  RECAPTCHA_MIN_SCORE: hundredths.default(50),
  RECAPTCHA_EXEMPT_ACTIONS: list.default([]),
  RECAPTCHA_TIMEOUT_MS: wholeNumber(100, 20_000).default(4_000),
  RECAPTCHA_API_URL: address.optional(),
});

export interface RecaptchaConfig {
  /** By the `platform` that a call names: each platform has its own key. */
  readonly siteKeys: ReadonlyMap<string, string>;
  /** The hosts of pages whose tokens are accepted. */
  readonly hostnames: readonly string[];
  /** The lowest score that passes, in hundredths. */
  readonly minScoreHundredths: number;
  readonly exemptActions: readonly string[];
  /** For the whole check, the access token included. */
  readonly timeoutMs: number;
  readonly url: string;
}

/** One address for both modes; the site keys differ. */
const recaptchaApi = 'https://recaptchaenterprise.googleapis.com';

/** Undefined where no site key is configured: calls then need no token. */
export function readRecaptchaConfig(environment?: Environment): RecaptchaConfig | undefined {
  const values = readEnvironment(recaptcha, environment);
  const keys: [string, string | undefined][] = [
    ['web', values.RECAPTCHA_SITE_KEY],
    ['android', values.RECAPTCHA_ANDROID_SITE_KEY],
    ['ios', values.RECAPTCHA_IOS_SITE_KEY],
  ];
  const siteKeys = new Map(keys.flatMap(([name, key]) => (key === undefined ? [] : [[name, key]])));
  if (siteKeys.size === 0) return undefined;
  const hostnames = values.APP_ALLOWED_ORIGINS.map((origin) => new URL(origin).hostname);
  if (siteKeys.has('web') && hostnames.length === 0) {
    throw new Misconfigured('Configuration: RECAPTCHA_SITE_KEY needs APP_ALLOWED_ORIGINS');
  }
  const official = { live: recaptchaApi, test: recaptchaApi };
  return {
    siteKeys,
    hostnames,
    minScoreHundredths: values.RECAPTCHA_MIN_SCORE,
    exemptActions: values.RECAPTCHA_EXEMPT_ACTIONS,
    timeoutMs: values.RECAPTCHA_TIMEOUT_MS,
    url: baseUrl('RECAPTCHA_API_URL', values.RECAPTCHA_API_URL, values.PAYMENTS_MODE, official),
  };
}

const appCheck = z.object({
  PAYMENTS_MODE: paymentsMode,
  APP_CHECK_ENABLED: flag.default(false),
  APP_CHECK_APP_IDS: list.default([]),
  APP_CHECK_JWKS_URL: address.optional(),
});

export interface AppCheckConfig {
  /** The ids of the apps that may call; every app of the project when empty. */
  readonly appIds: readonly string[];
  /** The address of Google's public keys. */
  readonly jwksUrl: string;
}

/** From firebase.google.com/docs/app-check/custom-resource-backend. */
const appCheckKeys = 'https://firebaseappcheck.googleapis.com/v1/jwks';

/** Undefined where App Check is off. */
export function readAppCheckConfig(environment?: Environment): AppCheckConfig | undefined {
  const values = readEnvironment(appCheck, environment);
  if (!values.APP_CHECK_ENABLED) return undefined;
  const official = { live: appCheckKeys, test: appCheckKeys };
  const given = values.APP_CHECK_JWKS_URL;
  return {
    appIds: values.APP_CHECK_APP_IDS,
    jwksUrl: baseUrl('APP_CHECK_JWKS_URL', given, values.PAYMENTS_MODE, official),
  };
}
