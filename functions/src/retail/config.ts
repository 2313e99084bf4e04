import { z } from 'zod';
import {
  address,
  flag,
  readEnvironment,
  required,
  wholeNumber,
  type Environment,
} from '../config/environment';
import { baseUrl, paymentsMode } from '../config/settings';

/** Secrets of a function that pushes rows; bound by name. */
export const retailSecrets = ['PLATFONE_API_KEY'];

const official = {
  live: 'https://temp-number-api.com/api/v1',
  test: 'https://temp-number-api.com/test/api/v1',
};

const schema = z.object({
  PAYMENTS_MODE: paymentsMode,
  PLATFONE_API_KEY: required,
  PLATFONE_API_URL: address.transform((url) => url.replace(/\/retail\/*$/, '')).optional(),
  PLATFONE_TIMEOUT_MS: wholeNumber(100, 60_000).default(10_000),
  PLATFONE_SEND_GATEWAY: flag.default(true),
  PLATFONE_CONCURRENCY: wholeNumber(1, 500).default(32),
});

export interface RetailConfig {
  readonly apiKey: string;
  /** Without `/retail` and without a trailing slash. */
  readonly url: string;
  /** For one call. */
  readonly timeoutMs: number;
  /** Whether a transaction names its gateway. */
  readonly sendGateway: boolean;
  /** Calls in flight during a sweep. */
  readonly concurrency: number;
}

export function readRetailConfig(environment?: Environment): RetailConfig {
  const values = readEnvironment(schema, environment);
  const { PAYMENTS_MODE: mode, PLATFONE_API_URL: given } = values;
  return {
    apiKey: values.PLATFONE_API_KEY,
    url: baseUrl('PLATFONE_API_URL', given, mode, official),
    timeoutMs: values.PLATFONE_TIMEOUT_MS,
    sendGateway: values.PLATFONE_SEND_GATEWAY,
    concurrency: values.PLATFONE_CONCURRENCY,
  };
}
