import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { Unauthentic } from '../../errors';

/** PayPal's certificate, the one that issued it, and perhaps one more before the root. */
const MAX_LENGTH = 4;

/** The authorities that Node trusts for TLS. */
export function trustedAuthorities(): readonly X509Certificate[] {
  return rootCertificates.map((pem) => new X509Certificate(pem));
}

/**
 * Follows a certificate up to an authority that is trusted, checking every signature and every
 * validity on the way. Returns the time, in ms since the epoch, at which the first of them expires.
 * @param given what came with it.
 * @param findIssuer looks for an issuer that did not.
 * @throws Unauthentic when it does not lead to one.
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
  throw new Unauthentic('The certificate does not lead to a trusted authority.');
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
