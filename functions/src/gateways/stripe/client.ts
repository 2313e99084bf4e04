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
    // Telemetry would write a file into the home folder of the process.
    telemetry: false,
  });
}

/** A held payment that could not be captured or canceled, though Stripe answered. */
export class Stuck extends Unavailable {}

/** Whether Stripe understood a call, and refuses it for a reason that our errors do not name. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Stripe.errors.StripeInvalidRequestError;
}

/**
 * Waits for a call of the SDK and turns Stripe's errors into ours.
 * @throws Unavailable when repeating helps.
 * @throws Misconfigured when Stripe refuses the key.
 * @throws NotFound when the account has no object of that id.
 * @throws any other error as it is.
 */
export async function callStripe<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toOwnError(error);
  }
}

function toOwnError(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  const { StripeAuthenticationError, StripePermissionError } = Stripe.errors;
  if (error instanceof StripeAuthenticationError || error instanceof StripePermissionError) {
    return new Misconfigured(
      'Stripe refuses STRIPE_SECRET_KEY: set a key of PAYMENTS_MODE that may write PaymentIntents and read charges, refunds, reviews, disputes and events.',
      { cause: error },
    );
  }
  if (error.code === 'resource_missing') {
    return new NotFound('Stripe does not know the id.', { cause: error });
  }
  const { StripeConnectionError, StripeAPIError, StripeRateLimitError } = Stripe.errors;
  const isTemporary =
    error instanceof StripeConnectionError ||
    error instanceof StripeAPIError ||
    error instanceof StripeRateLimitError ||
    error.statusCode === 409;
  return isTemporary ? new Unavailable('Stripe did not answer.', { cause: error }) : error;
}

/**
 * Why a capture or a cancellation did not go through without having failed: somebody else has just
 * moved the payment on, or the bank no longer holds the money.
 * @throws any other error as it is.
 */
export function outcomeOf(error: unknown): 'moved' | 'expired' {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  if (expired.has(error.code ?? '')) return 'expired';
  if (error instanceof Stripe.errors.StripeCardError || error.statusCode === 409) return 'moved';
  if (moved.has(error.code ?? '')) return 'moved';
  throw error;
}

const moved = new Set(['payment_intent_unexpected_state', 'charge_already_captured']);
const expired = new Set(['charge_expired_for_capture', 'capture_charge_authorization_expired']);
