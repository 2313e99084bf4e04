import type { X509Certificate } from 'node:crypto';
import { Unauthentic } from '../../errors';

/**
 * How many certificates may be below the root: PayPal's own, its issuer's, and two to spare.
 */
const MAX_LENGTH = 4;

/** The certificate leads to no authority that we trust. PayPal itself can tell whether it signed. */
export class UnknownAuthority extends Unauthentic {}

/**
 * Follows a certificate up to a trusted authority and checks every signature and every period of
 * validity on the way.
 * @param given the certificates that came with it.
 * @param findIssuer looks for an issuer that did not come with it.
 * @returns when the first of the certificates expires, in ms since the epoch.
 * @throws Unauthentic when a certificate is not valid now.
 * @throws UnknownAuthority when none leads to a trusted authority.
 */
export async function checkChain(
  leaf: X509Certificate,
  given: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  now: Date,
  findIssuer: (certificate: X509Certificate) => Promise<X509Certificate | undefined>,
): Promise<number> {
  let current = leaf;
  let expiresAt = validUntil(leaf, now);
  for (let length = 1; length <= MAX_LENGTH; length += 1) {
    const anchor = anchors.find((one) => isIssuerOf(one, current));
    if (anchor !== undefined) return Math.min(expiresAt, validUntil(anchor, now));
    const issuer = given.find((one) => isIssuerOf(one, current)) ?? (await findIssuer(current));
    if (issuer === undefined || !isIssuerOf(issuer, current)) break;
    expiresAt = Math.min(expiresAt, validUntil(issuer, now));
    current = issuer;
  }
  throw new UnknownAuthority('The certificate does not lead to a trusted authority.');
}

function isIssuerOf(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function validUntil({ validFromDate, validToDate }: X509Certificate, now: Date): number {
  if (now < validFromDate || now > validToDate) {
    throw new Unauthentic('A certificate has expired, or is not valid yet.');
  }
  return validToDate.getTime();
}
