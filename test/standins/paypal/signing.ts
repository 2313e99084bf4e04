import { randomUUID, sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { issue, type CertificateFields, type Issued } from '../x509/authority.ts';

export const CERTIFICATE_NAME = 'messageverificationcerts.sandbox.paypal.com';
const CERTIFICATE_HOST = 'https://api.sandbox.paypal.com';

/** Whoever signs as PayPal does: a root of its own, an authority under it, a certificate. */
export interface Signatory {
  /** The root's certificate, as `PAYPAL_TRUST_ANCHOR` takes it. */
  readonly anchor: string;
  /** What the certificate's address serves: the certificate and the one that issued it. */
  readonly pem: string;
  readonly issuer: Issued;
  readonly leaf: Issued;
  readonly certificateUrl: string;
}

export function createSignatory(fields: Partial<CertificateFields> = {}): Signatory {
  const root = issue({ commonName: 'PayPal standin root', key: 'ec', isAuthority: true });
  const issuer = issue({ commonName: 'PayPal standin CA', key: 'ec', isAuthority: true }, root);
  const leaf = issue({ commonName: CERTIFICATE_NAME, key: 'rsa', ...fields }, issuer);
  const serial = leaf.certificate.serialNumber.toLowerCase();
  return {
    anchor: root.certificate.raw.toString('base64'),
    pem: `${leaf.certificate.toString()}${issuer.certificate.toString()}`,
    issuer,
    leaf,
    certificateUrl: `${CERTIFICATE_HOST}/v1/notifications/certs/CERT-${serial.slice(0, 8)}-${serial.slice(8)}`,
  };
}

/** What a transmission says beside its body; a test changes what it likes. */
export interface TransmissionFields {
  id?: string;
  time?: Date;
  certificateUrl?: string;
}

/** The headers of a delivery: the signature is over id, time, webhook and the CRC-32 of the body. */
export function signedHeaders(
  body: string | Buffer,
  webhookId: string,
  signatory: Pick<Signatory, 'leaf' | 'certificateUrl'>,
  fields: TransmissionFields = {},
): Record<string, string> {
  const id = fields.id ?? randomUUID();
  const time = (fields.time ?? new Date()).toISOString().replace(/\.\d+/, '');
  const text = Buffer.from(`${id}|${time}|${webhookId}|${crc32(body)}`);
  return {
    'paypal-transmission-id': id,
    'paypal-transmission-time': time,
    'paypal-transmission-sig': sign('RSA-SHA256', text, signatory.leaf.privateKey).toString(
      'base64',
    ),
    'paypal-cert-url': fields.certificateUrl ?? signatory.certificateUrl,
    'paypal-auth-algo': 'SHA256withRSA',
    'paypal-auth-version': 'v2',
  };
}
