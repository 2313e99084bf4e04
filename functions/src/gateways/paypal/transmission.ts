import { Unauthentic } from '../../errors';
import type { WebhookRequest } from '../../gateway';

/**
 * The headers of a delivery that describe its signature
 * (https://developer.paypal.com/api/rest/webhooks/rest/#link-messageverification). They are not
 * proven yet.
 */
export interface Transmission {
  readonly id: string;
  /** Kept as the text that was sent, because the signature covers that text. */
  readonly time: string;
  /** In base64. */
  readonly signature: string;
  readonly algorithm: string;
  /** An address on one of PayPal's hosts. */
  readonly certificateUrl: URL;
}

/** The form of each header, within the limits of PayPal's verification API. */
const forms = {
  id: /^[\w-]{1,50}$/,
  time: /^[\d:.TZ+-]{1,100}$/,
  signature: /^[A-Za-z0-9+/]{1,498}={0,2}$/,
  algorithm: /^SHA256withRSA$/,
  certificateUrl: /^https:\/\/[a-z.-]{1,100}\/v1\/notifications\/certs\/[\w-]{1,128}$/,
};

/**
 * Reads the headers that describe the signature.
 * @param hosts the hosts that a certificate may come from.
 * @throws Unauthentic when a header is missing, repeated or of another form.
 */
export function readTransmission(
  { headers }: WebhookRequest,
  hosts: readonly string[],
): Transmission {
  const read = (name: string, form: RegExp): string => {
    const value = headers[name];
    if (typeof value === 'string' && form.test(value)) return value;
    throw new Unauthentic(`The header ${name} is missing or malformed.`);
  };
  const certificateUrl = new URL(read('paypal-cert-url', forms.certificateUrl));
  if (!hosts.includes(certificateUrl.host)) {
    throw new Unauthentic('The certificate is not at an address of PayPal.');
  }
  return {
    id: read('paypal-transmission-id', forms.id),
    time: read('paypal-transmission-time', forms.time),
    signature: read('paypal-transmission-sig', forms.signature),
    algorithm: read('paypal-auth-algo', forms.algorithm),
    certificateUrl,
  };
}
