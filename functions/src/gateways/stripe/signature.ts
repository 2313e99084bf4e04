import Stripe from 'stripe';
import { Unauthentic } from '../../errors';
import type { WebhookRequest } from '../../gateway';

/** Seconds that a signature may be old, as in https://docs.stripe.com/webhooks#verify-manually, or ahead of our clock. */
const TOLERANCE_S = 300;

/**
 * Checks that Stripe signed a request with one of the secrets of our endpoint.
 * @throws Unauthentic when it did not, or when the signature is older than five minutes.
 */
export function checkSignature(
  { headers, body }: WebhookRequest,
  secrets: readonly string[],
  now: Date,
): void {
  const header = headers['stripe-signature'];
  if (typeof header !== 'string') throw new Unauthentic('There is no signature.');
  const signedAt = Number(/(?:^|,)t=(\d+)/.exec(header)?.[1]);
  if (signedAt - now.getTime() / 1000 > TOLERANCE_S) {
    throw new Unauthentic('The signature is from the future.');
  }
  const { signature } = Stripe.webhooks;
  const isRight = (secret: string): boolean => {
    try {
      // Any error means no. The SDK has several for a header that it cannot read.
      return (
        signature?.verifyHeader(body, header, secret, TOLERANCE_S, undefined, now.getTime()) ===
        true
      );
    } catch {
      return false;
    }
  };
  if (!secrets.some(isRight)) throw new Unauthentic('The signature is wrong.');
}
