import { z } from 'zod';
import type { CallContract } from '../../http/call';

export const createTransaction = {
  summary: 'Credits a purchase made in the App Store; the app finishes it on every 200.',
  method: 'POST',
  input: z.object({
    signed_transaction: z
      .string()
      .min(1)
      .max(100_000)
      .describe('The JWS that StoreKit 2 gives (`jwsRepresentation`).'),
  }),
  output: z.object({
    result: z
      .enum(['success', 'finish'])
      .describe('finish: it can never be credited. On both words the app finishes it.'),
    reason: z
      .enum(['unpaid', 'shared', 'refunded'])
      .optional()
      .describe('With `finish`: nothing was paid, the family shares it, all of it was refunded.'),
  }),
  refusals: {
    409: 'The purchase belongs to another account, or cannot be credited here (yet).',
  },
} as const satisfies CallContract;
