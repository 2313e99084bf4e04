import { z } from 'zod';
import type { CallContract } from '../../http/call';

export const createTransaction = {
  summary: 'Credits a purchase made in the App Store; the app finishes it on `success` only.',
  method: 'POST',
  input: z.object({
    signed_transaction: z
      .string()
      .min(1)
      .max(100_000)
      .describe('The JWS that StoreKit 2 gives (`jwsRepresentation`).'),
  }),
  output: z.object({ result: z.literal('success') }),
} as const satisfies CallContract;
