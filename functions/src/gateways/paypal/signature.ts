import { verify, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Unauthentic } from '../../errors';
import type { WebhookRequest } from '../../gateway';
import { log } from '../../log';
import type { PayPalApi } from './api';
import type { Certificates } from './certificates';
import { UnknownAuthority } from './chain';
import { NAME, type PayPalConfig } from './config';
import { askPayPal } from './postback';
import { readTransmission, type Transmission } from './transmission';

export interface SignatureDeps {
  readonly config: PayPalConfig;
  readonly api: PayPalApi;
  readonly certificates: Certificates;
}

/**
 * Checks that PayPal signed a request for our webhook: with PayPal's certificate, or by asking
 * PayPal where PAYPAL_VERIFICATION is `postback`, or where the authority of the certificate is unknown.
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
  const { webhookIds, verification } = config;
  const transmission = readTransmission(request, config.certificates.hosts);
  if (verification === 'postback') {
    await askPayPal(api, transmission, request.body, webhookIds);
    return;
  }
  try {
    const key = await certificates.keyAt(transmission.certificateUrl);
    checkText(transmission, request.body, webhookIds, key);
  } catch (error) {
    if (!(error instanceof UnknownAuthority)) throw error;
    log.alert("PayPal's certificate leads to no pinned authority: PayPal is asked instead", {
      gateway: NAME,
      next_step: 'Set PAYPAL_VERIFICATION=postback and deploy, until authorities.ts is amended.',
    });
    await askPayPal(api, transmission, request.body, webhookIds);
  }
}

/** The signed text holds the CRC-32 of the body as an unsigned decimal. */
function checkText(
  { id, time, signature }: Transmission,
  body: Buffer,
  webhookIds: readonly string[],
  key: KeyObject,
): void {
  const signed = Buffer.from(signature, 'base64');
  const isRight = (webhookId: string): boolean => {
    const text = Buffer.from([id, time, webhookId, crc32(body)].join('|'));
    return verify('RSA-SHA256', text, key, signed);
  };
  if (webhookIds.some(isRight)) return;
  throw new Unauthentic('The signature is wrong.');
}
