import { z } from 'zod';
import type { CallContract } from '../http/call';
import { refundStates } from '../ledger/refund-request';

const request = z.object({
  request_id: z.string(),
  payment_id: z.string(),
  gateway: z.string(),
  amount: z.int().describe('US cents.'),
  state: z.enum(refundStates),
  refund_id: z.string().nullable().describe("The gateway's id of the refund."),
  fault: z.string().nullable(),
  created_at: z.int().describe('Unix seconds.'),
});

export const listRefunds = {
  summary: 'For the staff: refunds that were asked for and are not ended, oldest first.',
  method: 'GET',
  staffRole: 'viewer',
  input: z.object({}),
  output: z.object({ requests: z.array(request) }),
} as const satisfies CallContract;

export const closeRefund = {
  summary: 'For the staff: ends a request of which a person knows that nothing was given back.',
  method: 'POST',
  staffRole: 'finance',
  input: z.object({
    request_id: z.string().regex(/^[A-Za-z0-9]{1,64}$/),
    reason: z.string().trim().min(3).max(500).describe('How it is known. Name no person.'),
  }),
  output: z.object({ payment_id: z.string() }),
  refusals: { 404: 'No request has the id.', 409: 'It is ended, or under way just now.' },
} as const satisfies CallContract;
