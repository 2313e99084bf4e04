import { z } from 'zod';
import type { CallContract } from '../http/call';

/** The names are those of the published client protocol. */
export const deleteCustomer = {
  summary: 'Deletes the account of whoever calls: their balance is forfeited, their sign-in ends.',
  method: 'DELETE',
  input: z.object({}),
  output: z.object({ result: z.literal('success') }),
} as const satisfies CallContract;
