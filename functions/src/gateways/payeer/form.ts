import { createCipheriv, createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Reply } from '../../http/call';
import { decimalOf } from '../../money';
import type { Order } from '../../orders/order';
import type { createOrder } from './calls';
import type { FormConfig } from './config';
import { signatureOf } from './signature';

/** Where Payeer sends the buyer to afterwards. */
type ReturnUrls = Pick<z.output<(typeof createOrder)['input']>, 'success_url' | 'fail_url'>;

/** @param order with an id of at most 31 characters: Payeer's limit for its answer line. */
export function formOf(
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
    m_params: encryptedParams(config.encryptionKey, order.orderId, JSON.stringify(urls)),
  };
  const m_sign = signatureOf(config.secretKey, Object.values(form));
  return { ...form, m_sign, m_cipher_method: 'AES-256-CBC' };
}

/** The key is per order, which is why the initial vector of zeros gives nothing away. */
export function encryptedParams(encryptionKey: string, orderId: string, json: string): string {
  const key = createHash('md5')
    .update(encryptionKey + orderId)
    .digest('hex');
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(16));
  const encrypted = Buffer.concat([cipher.update(json, 'utf8'), cipher.final()]);
  return encodeURIComponent(encrypted.toString('base64'));
}
