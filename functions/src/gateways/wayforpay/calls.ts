import { z } from 'zod';
import {
  orderId,
  recaptchaFields,
  returnUrl,
  topUpAmount,
  type CallContract,
} from '../../http/call';

export const createPayment = {
  summary: 'Places an order and makes the page on which to pay it.',
  method: 'POST',
  recaptchaAction: 'wayforpay_payment',
  input: z.object({
    ...recaptchaFields,
    amount: topUpAmount,
    url_return: returnUrl,
    url_success: returnUrl,
  }),
  output: z.object({ url: z.string(), order_id: orderId }),
} as const satisfies CallContract;
