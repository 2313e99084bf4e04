import { z } from 'zod';
import { returnUrl, topUpAmount, type CallContract } from '../../http/call';

const signed = z
  .string()
  .optional()
  .describe('Only with SHA-256, which signs it: post exactly this.');

export const createPayment = {
  summary: 'Places an order and signs the form that the app posts to https://anypay.io/merchant.',
  method: 'POST',
  input: z.object({
    amount: topUpAmount,
    success_url: returnUrl.optional(),
    fail_url: returnUrl.optional(),
  }),
  output: z.object({
    merchant_id: z.int(),
    pay_id: z.string(),
    amount: z.number().describe('US dollars.'),
    currency: z.literal('USD'),
    method: z.string().describe('Empty: the buyer chooses.'),
    customer_id: z.string(),
    sign: z.string(),
    desc: signed,
    success_url: signed,
    fail_url: signed,
  }),
} as const satisfies CallContract;
