import { z } from 'zod';
import { Misconfigured } from '../errors';
import { origins, readEnvironment, wholeNumber, type Environment } from './environment';

/** `live` moves real money; `test` never credits a live deployment. */
export type PaymentsMode = 'live' | 'test';

export const paymentsMode = z.enum(['live', 'test'], { error: 'must be live or test' });

/** The largest transaction that the Retail API takes, in US cents. */
export const LARGEST_CENTS = 10_000_000;

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header')
  .toLowerCase();

const schema = z.object({
  PAYMENTS_MODE: paymentsMode,
  APP_ALLOWED_ORIGINS: origins.default([]),
  TOPUP_MIN_CENTS: wholeNumber(1, LARGEST_CENTS).default(500),
  TOPUP_MAX_CENTS: wholeNumber(1, LARGEST_CENTS).default(100_000),
  REFUND_SUPPORT_MAX_CENTS: wholeNumber(0, LARGEST_CENTS).default(5_000),
  OPEN_ORDERS_PER_HOUR: wholeNumber(1, 10_000).default(20),
  CALLS_PER_MINUTE: wholeNumber(1, 1_000_000).default(300),
  PUSH_BUDGET_MS: wholeNumber(100, 20_000).default(3_000),
  TRUSTED_PROXY_HEADER: headerName.optional(),
});

export interface Settings {
  readonly mode: PaymentsMode;
  /** Origins of the web clients, for CORS. */
  readonly allowedOrigins: readonly string[];
  readonly topUpCents: { readonly min: number; readonly max: number };
  /** What the role `support` may give back of one payment. */
  readonly refundSupportMaxCents: number;
  readonly openOrdersPerHour: number;
  /** For one user, on one instance of a function. */
  readonly callsPerMinute: number;
  /** How long a webhook waits for the Retail API before it leaves the row to the schedule. */
  readonly pushBudgetMs: number;
  /** The header whose last entry, written by our own proxy, is the caller's address; lower case. */
  readonly trustedProxyHeader: string | undefined;
}

export function readSettings(environment?: Environment): Settings {
  const values = readEnvironment(schema, environment);
  if (values.TOPUP_MIN_CENTS > values.TOPUP_MAX_CENTS) {
    throw new Misconfigured('Configuration: TOPUP_MIN_CENTS is above TOPUP_MAX_CENTS');
  }
  return {
    mode: values.PAYMENTS_MODE,
    allowedOrigins: values.APP_ALLOWED_ORIGINS,
    topUpCents: { min: values.TOPUP_MIN_CENTS, max: values.TOPUP_MAX_CENTS },
    refundSupportMaxCents: values.REFUND_SUPPORT_MAX_CENTS,
    openOrdersPerHour: values.OPEN_ORDERS_PER_HOUR,
    callsPerMinute: values.CALLS_PER_MINUTE,
    pushBudgetMs: values.PUSH_BUDGET_MS,
    trustedProxyHeader: values.TRUSTED_PROXY_HEADER,
  };
}

/**
 * The base address of an API outside, without a trailing slash. A live deployment calls only the
 * official live address, and a test deployment never does, so that no variable can send real money
 * to another place.
 * @throws Misconfigured with the variable's name.
 */
export function baseUrl(
  name: string,
  given: string | undefined,
  mode: PaymentsMode,
  official: Readonly<Record<PaymentsMode, string>>,
): string {
  // The same address may be spelled in several ways.
  const url = given === undefined ? official[mode] : new URL(given).href.replace(/\/+$/, '');
  if (mode === 'live' && url !== official.live) {
    throw new Misconfigured(`Configuration: ${name} must not be overridden in live mode`);
  }
  if (mode === 'test' && url === official.live && official.live !== official.test) {
    throw new Misconfigured(`Configuration: ${name} is the live address in test mode`);
  }
  return url;
}
