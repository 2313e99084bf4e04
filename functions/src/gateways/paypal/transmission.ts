import { verify, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Unauthentic } from '../../errors';
import type { WebhookRequest } from '../../gateway';

/**
 * What the headers of a delivery say about its signature
 * (https://developer.paypal.com/api/rest/webhooks/rest/#link-messageverification). Nothing of it
 * is proven yet.
 */
export interface Transmission {
  readonly id: string;
  /** As it was sent: it is part of what is signed. */
  readonly time: string;
  /** Base64. */
  readonly signature: string;
  readonly algorithm: string;
  /** On one of PayPal's hosts. */
  readonly certificateUrl: URL;
}

/** A header of each form, within the limits of PayPal's verification API. */
const forms = {
  id: /^[\w-]{1,50}$/,
  time: /^[\d:.TZ+-]{1,100}$/,
  signature: /^[A-Za-z0-9+/]{1,498}={0,2}$/,
  algorithm: /^SHA256withRSA$/,
  certificateUrl: /^https:\/\/[a-z.-]{1,100}\/v1\/notifications\/certs\/[\w-]{1,128}$/,
};

/**
 * @param hosts those that a certificate may come from.
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

/**
 * Checks a signature over a text that holds no more of the body than its CRC-32, in decimal. It
 * proves that PayPal sent something, not what: whoever has seen one delivery can make another body
 * of the same CRC-32. So nothing is taken from a body but what it is about.
 * @throws Unauthentic unless the key's owner signed it for this webhook.
 */
export function checkSignature(
  { id, time, signature }: Transmission,
  body: Buffer,
  webhookId: string,
  key: KeyObject,
): void {
  const text = Buffer.from([id, time, webhookId, crc32(body)].join('|'));
  if (verify('RSA-SHA256', text, key, Buffer.from(signature, 'base64'))) return;
  throw new Unauthentic('The signature is wrong.');
}
