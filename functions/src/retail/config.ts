import { z } from 'zod';
import {
  address,
  flag,
  readEnvironment,
  required,
  wholeNumber,
  type Environment,
} from '../config/environment';
import { baseUrl, paymentsMode, type PaymentsMode } from '../config/settings';

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
  PLATFONE_BALANCE_CACHE_MS: wholeNumber(0, 60_000).default(3_000),
  PLATFONE_CALLS_PER_SECOND: wholeNumber(1, 10_000).default(5),
});

export interface RetailConfig {
  readonly apiKey: string;
  /** Without `/retail` and without a trailing slash. */
  readonly url: string;
  /** For one call. */
  readonly timeoutMs: number;
  /** Whether a transaction names its gateway. */
  readonly sendGateway: boolean;
  /** Rows are delivered only to the Retail API of this mode. */
  readonly mode: PaymentsMode;
  /** How long an app is told the balance that was read last. */
  readonly balanceCacheMs: number;
  /** The pace of all calls of one process. */
  readonly callsPerSecond: number;
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
    mode,
    balanceCacheMs: values.PLATFONE_BALANCE_CACHE_MS,
    callsPerSecond: values.PLATFONE_CALLS_PER_SECOND,
    concurrency: values.PLATFONE_CONCURRENCY,
  };
}
