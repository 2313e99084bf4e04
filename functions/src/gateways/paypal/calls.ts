import { z } from 'zod';
import { topUpAmount, type CallContract } from '../../http/call';

export const createOrder = {
  summary: 'Places an order of ours, and the one of PayPal that pays for it.',
  method: 'POST',
  input: z.object({ amount: topUpAmount }),
  output: z.object({
    id: z.string(),
    status: z.string(),
    links: z.array(z.object({ href: z.string(), rel: z.string(), method: z.string().optional() })),
  }),
} as const satisfies CallContract;

export const captureOrder = {
  summary: 'Takes the money of an order that the buyer has approved.',
  method: 'POST',
  input: z.object({ order_id: z.string().regex(/^[A-Z0-9]{1,36}$/) }),
  output: z.object({
    result: z
      .enum(['success', 'pending'])
      .describe('pending: PayPal holds the money back for now; its webhook says how it ends.'),
  }),
} as const satisfies CallContract;
