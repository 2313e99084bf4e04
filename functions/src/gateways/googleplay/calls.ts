import { z } from 'zod';
import type { CallContract } from '../../http/call';
import { purchaseToken } from './objects';

export const createTransaction = {
  summary: 'Credits a purchase made in Google Play, then consumes it.',
  method: 'POST',
  input: z.object({ product_id: z.string().min(1).max(255), purchase_token: purchaseToken }),
  output: z.object({
    result: z
      .enum(['success', 'pending'])
      .describe('pending: not paid yet; credited when it is, whether the app asks again or not.'),
  }),
  refusals: {
    404: 'Google knows no such purchase of this app.',
    409: 'The purchase belongs to another account, was refunded, or cannot be credited here.',
  },
} as const satisfies CallContract;
