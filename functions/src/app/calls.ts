import { z } from 'zod';
import type { CallContract } from '../http/call';

const cents = z.int().describe('US cents.');

export const getBalance = {
  summary: 'What the account holds, and what is on its way there.',
  method: 'GET',
  input: z.object({}),
  output: z.object({
    total: cents,
    reserved: cents.describe('US cents of the total that orders under way have taken.'),
    pending: cents.describe(
      'Signed US cents that were paid or given back and are not in the total yet.',
    ),
  }),
} as const satisfies CallContract;
