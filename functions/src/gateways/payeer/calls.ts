import { z } from 'zod';
import { returnUrl, topUpAmount, type CallContract } from '../../http/call';

export const createOrder = {
  summary: 'Places an order and signs the form that the app posts to https://payeer.com/merchant/.',
  method: 'POST',
  input: z.object({ amount: topUpAmount, success_url: returnUrl, fail_url: returnUrl }),
  output: z.object({
    m_shop: z.string(),
    m_orderid: z.string(),
    m_amount: z.string(),
    m_curr: z.string(),
    m_desc: z.string(),
    m_sign: z.string(),
    m_params: z.string(),
    m_cipher_method: z.string(),
  }),
} as const satisfies CallContract;
