import { createCipheriv, createHash } from 'node:crypto';
import { decimalOf } from '../../money';
import type { Order } from '../../orders/order';
import type { FormConfig } from './config';
import { signatureOf } from './signature';

/** What the app posts to https://payeer.com/merchant/, field by field. */
export interface PayeerForm {
  readonly m_shop: string;
  readonly m_orderid: string;
  readonly m_amount: string;
  readonly m_curr: string;
  readonly m_desc: string;
  readonly m_sign: string;
  readonly m_params: string;
  readonly m_cipher_method: string;
}

/** Where Payeer sends the buyer to afterwards. */
export interface ReturnUrls {
  readonly success_url: string;
  readonly fail_url: string;
}

/** @param order with an id of at most 31 characters: Payeer's limit for its answer line. */
export function formOf(config: FormConfig, order: Order, urls: ReturnUrls): PayeerForm {
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
