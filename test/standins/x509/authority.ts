import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { der } from './der.ts';

/** A certificate with the key that belongs to it. */
export interface Issued {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

export interface CertificateFields {
  readonly commonName: string;
  readonly key: 'rsa' | 'ec';
  /** Whether it may issue others. */
  readonly isAuthority?: boolean;
  /** DNS names beside the common name. */
  readonly dnsNames?: readonly string[];
  /** Where the issuer's certificate is found, as `caIssuers` of the authority information access. */
  readonly issuerUrl?: string;
  /** A day ago unless told otherwise. */
  readonly notBefore?: Date;
  /** In a year unless told otherwise. */
  readonly notAfter?: Date;
}

const DAY_MS = 24 * 60 * 60_000;

const oids = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  rsaWithSha256: '1.2.840.113549.1.1.11',
  basicConstraints: '2.5.29.19',
  subjectAltName: '2.5.29.17',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
};

/** Issues an X.509 certificate (RFC 5280) with a new key; without an issuer it signs itself. */
export function issue(fields: CertificateFields, issuer?: Issued): Issued {
  const { privateKey, publicKey } =
    fields.key === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = issuer?.privateKey ?? privateKey;
  const issuerName = issuer?.certificate.subject.replace(/^CN=/, '') ?? fields.commonName;
  const algorithm = algorithmOf(signer);
  const now = Date.now();
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(2)),
    der.integer(1, ...randomBytes(8)),
    algorithm,
    nameOf(issuerName),
    der.sequence(
      der.time(fields.notBefore ?? new Date(now - DAY_MS)),
      der.time(fields.notAfter ?? new Date(now + 365 * DAY_MS)),
    ),
    nameOf(fields.commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensionsOf(fields))),
  );
  const signature = der.bits(sign('sha256', toBeSigned, signer));
  const certificate = new X509Certificate(der.sequence(toBeSigned, algorithm, signature));
  return { certificate, privateKey };
}

function algorithmOf(key: KeyObject): Buffer {
  return key.asymmetricKeyType === 'rsa'
    ? der.sequence(der.oid(oids.rsaWithSha256), der.null())
    : der.sequence(der.oid(oids.ecdsaWithSha256));
}

function nameOf(commonName: string): Buffer {
  const attribute = der.sequence(der.oid(oids.commonName), der.text(commonName));
  return der.sequence(der.set(attribute));
}

function extensionsOf({ isAuthority = false, dnsNames = [], issuerUrl }: CertificateFields) {
  const constraints = isAuthority ? der.sequence(der.boolean(true)) : der.sequence();
  const extensions = [extension(oids.basicConstraints, constraints)];
  if (dnsNames.length > 0) {
    const names = dnsNames.map((name) => der.implicit(2, Buffer.from(name)));
    extensions.push(extension(oids.subjectAltName, der.sequence(...names)));
  }
  if (issuerUrl !== undefined) {
    const location = der.implicit(6, Buffer.from(issuerUrl));
    const access = der.sequence(der.sequence(der.oid(oids.caIssuers), location));
    extensions.push(extension(oids.authorityInfoAccess, access));
  }
  return extensions;
}

function extension(oid: string, content: Buffer): Buffer {
  return der.sequence(der.oid(oid), der.octets(content));
}
