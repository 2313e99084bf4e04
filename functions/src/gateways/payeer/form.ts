import { createCipheriv, createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Reply } from '../../http/call';
import { decimalOf } from '../../money';
import type { Order } from '../../orders/order';
import type { createOrder } from './calls';
import type { FormConfig } from './config';
import { signatureOf } from './signature';

/** Where Payeer sends the buyer back to. */
type ReturnUrls = Pick<z.output<(typeof createOrder)['input']>, 'success_url' | 'fail_url'>;

/**
 * Builds the signed form that the app posts to Payeer.
 * @param order with an id of at most 31 characters: Payeer limits the line that we answer with.
 */
export function buildForm(
  config: FormConfig,
  order: Order,
  urls: ReturnUrls,
): Reply<typeof createOrder> {
  const amount = decimalOf(order.amountCents);
  const form = {
    m_shop: config.merchantId,
    m_orderid: order.orderId,
    m_amount: amount,
    m_curr: 'USD',
    m_desc: Buffer.from(`Top-up ${amount} USD`).toString('base64'),
    m_params: encryptParams(config.encryptionKey, order.orderId, JSON.stringify(urls)),
  };
  const m_sign = signatureOf(config.secretKey, Object.values(form));
  return { ...form, m_sign, m_cipher_method: 'AES-256-CBC' };
}

/**
 * Encrypts the additional parameters as Payeer decrypts them: base64, then percent-encoded. Every
 * order has a key of its own, so the initial vector of zeros reveals nothing.
 */
export function encryptParams(encryptionKey: string, orderId: string, json: string): string {
  const key = createHash('md5')
    .update(encryptionKey + orderId)
    .digest('hex');
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(16));
  const encrypted = Buffer.concat([cipher.update(json, 'utf8'), cipher.final()]);
  return encodeURIComponent(encrypted.toString('base64'));
}
