import { verify, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Unauthentic } from '../../errors';
import type { WebhookRequest } from '../../gateway';
import type { PayPalApi } from './api';
import type { Certificates } from './certificates';
import type { PayPalConfig } from './config';
import { askPayPal } from './postback';
import { readTransmission, type Transmission } from './transmission';

export interface SignatureDeps {
  readonly config: PayPalConfig;
  readonly api: PayPalApi;
  readonly certificates: Certificates;
}

/**
 * Checks that PayPal signed a request for our webhook: with PayPal's certificate, or by asking
 * PayPal where PAYPAL_VERIFICATION is `postback`.
 *
 * Either way the signature covers only a CRC-32 of the body. It proves that PayPal sent something,
 * but not what: with one delivery at hand, anybody can make another body of the same CRC-32. So
 * from a body we take only the object that it is about.
 * @throws Unauthentic unless PayPal signed it. Unavailable when PayPal does not answer.
 */
export async function checkSignature(
  request: WebhookRequest,
  { config, api, certificates }: SignatureDeps,
): Promise<void> {
  const { webhookId, verification } = config;
  const transmission = readTransmission(request, config.certificates.hosts);
  if (verification === 'postback') {
    await askPayPal(api, transmission, request.body, webhookId);
    return;
  }
  const key = await certificates.keyAt(transmission.certificateUrl);
  checkText(transmission, request.body, webhookId, key);
}

/** The signed text holds the CRC-32 of the body as an unsigned decimal. */
function checkText(
  { id, time, signature }: Transmission,
  body: Buffer,
  webhookId: string,
  key: KeyObject,
): void {
  const text = Buffer.from([id, time, webhookId, crc32(body)].join('|'));
  if (verify('RSA-SHA256', text, key, Buffer.from(signature, 'base64'))) return;
  throw new Unauthentic('The signature is wrong.');
}
