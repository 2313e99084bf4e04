import Stripe from 'stripe';
import { Misconfigured, NotFound, Unavailable } from '../../errors';
import type { StripeApiConfig } from './config';

export function openClient({ secretKey, url, timeoutMs }: StripeApiConfig): Stripe {
  const { protocol, hostname, port } = new URL(url);
  return new Stripe(secretKey, {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    ...(port !== '' && { port }),
    timeout: timeoutMs,
    maxNetworkRetries: 1,
    // It would write a file into the home folder of the process.
    telemetry: false,
  });
}

/**
 * Translates Stripe's errors at the border.
 * @throws Unavailable when repeating helps, Misconfigured for a refused key, NotFound for an id
 *   that the account does not have; any other error as it is.
 */
export async function asked<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw translated(error);
  }
}

/** The error of ours that says what to do next; any other as it is. */
function translated(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { StripeAuthenticationError, StripePermissionError } = Stripe.errors;
  if (error instanceof StripeAuthenticationError || error instanceof StripePermissionError) {
    return new Misconfigured('Stripe refuses STRIPE_SECRET_KEY.', { cause: error });
  }
  if (error.code === 'resource_missing') {
    return new NotFound('Stripe does not know the id.', { cause: error });
  }
  const { StripeConnectionError, StripeAPIError, StripeRateLimitError } = Stripe.errors;
  const passes =
    error instanceof StripeConnectionError ||
    error instanceof StripeAPIError ||
    error instanceof StripeRateLimitError ||
    error.statusCode === 409;
  return passes ? new Unavailable('Stripe did not answer.', { cause: error }) : error;
}

/**
 * Why a capture or cancellation did not go through, where that is no failure: somebody else has
 * just moved the payment on, or the bank no longer holds the money. Throws any other error.
 */
export function movedOn(error: unknown): 'moved' | 'expired' {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  if (expired.has(error.code ?? '')) return 'expired';
  if (error instanceof Stripe.errors.StripeCardError || error.statusCode === 409) return 'moved';
  if (moved.has(error.code ?? '')) return 'moved';
  throw error;
}

const moved = new Set(['payment_intent_unexpected_state', 'charge_already_captured']);
const expired = new Set(['charge_expired_for_capture', 'capture_charge_authorization_expired']);
