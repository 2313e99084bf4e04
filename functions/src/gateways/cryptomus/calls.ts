import { z } from 'zod';
import { returnUrl, topUpAmount, type CallContract } from '../../http/call';

export const createPayment = {
  summary: 'Places an order and makes the page on which to pay it.',
  method: 'POST',
  input: z.object({ amount: topUpAmount, url_return: returnUrl, url_success: returnUrl }),
  output: z.object({ url: z.string() }),
} as const satisfies CallContract;
