import { createHmac } from 'node:crypto';

/**
 * The `Stripe-Signature` header of a body: the time in Unix seconds and one digest a secret, so
 * that two secrets make the header of an endpoint whose secret is being replaced.
 */
export function signatureHeader(
  body: string,
  secrets: readonly string[],
  timestampSeconds: number,
): string {
  const signed = `${timestampSeconds}.${body}`;
  const digests = secrets.map((secret) =>
    createHmac('sha256', secret).update(signed).digest('hex'),
  );
  return [`t=${timestampSeconds}`, ...digests.map((digest) => `v1=${digest}`)].join(',');
}
