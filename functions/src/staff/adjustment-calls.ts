import { z } from 'zod';
import { LARGEST_CENTS } from '../config/settings';
import type { CallContract } from '../http/call';
import { rowId } from '../ids';
import { isMore, row, time, timeOrNull } from './calls';

const reason = z
  .string()
  .trim()
  .min(3)
  .max(500)
  .describe('Why; it is kept in the books. Name no person.');

const adjustmentId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .describe('As the call that asked for it answered.');

const adjustment = z.object({
  adjustment_id: z.string(),
  uid: z.string(),
  payment_id: z
    .string()
    .nullable()
    .describe('The payment that is moved to the user; null where a balance is adjusted.'),
  amount: z.int().describe('Signed US cents; of a move, what was left of the payment.'),
  reason: z.string(),
  state: z.enum(['waiting', 'booked', 'declined']).describe('waiting: for a second person.'),
  made_by: z.string().describe('The e-mail address of the member who asked for it.'),
  made_at: time,
  decided_at: timeOrNull.describe('When a second person approved or declined it.'),
});

const outcome = z.object({
  adjustment,
  rows: z
    .array(row)
    .describe('None while it waits. Of a move two: the one that gives, and the one that takes.'),
});

export const adjust = {
  summary: 'For the staff: changes a balance by hand, or asks a second person to approve it.',
  method: 'POST',
  staffRole: 'finance',
  input: z.object({
    uid: z.string().min(1).max(128),
    // A call that takes an `amount` places an order.
    cents: z
      .int()
      .min(-LARGEST_CENTS)
      .max(LARGEST_CENTS)
      .refine((cents) => cents !== 0)
      .describe('Signed US cents, not 0; positive raises the balance.'),
    reason,
    key: z
      .string()
      .regex(/^[\x21-\x7e]{8,255}$/)
      .describe('Names this request. The same request with the same key is carried out once.'),
  }),
  output: outcome,
  refusals: {
    404: 'No account has the uid.',
    409: 'The key was used for something else, or the account is deleted.',
  },
} as const satisfies CallContract;

export const movePayment = {
  summary:
    'For the staff: moves what is left of a payment to the user who should have it, or asks a second person to approve it.',
  method: 'POST',
  staffRole: 'finance',
  input: z.object({
    payment_id: rowId,
    uid: z.string().min(1).max(128).describe('The right user.'),
    reason,
  }),
  output: outcome,
  refusals: {
    404: 'No row has the id, or no account has the uid.',
    409: 'It cannot be moved; the message says why.',
  },
} as const satisfies CallContract;

export const listAdjustments = {
  summary: 'For the staff: adjustments and moves that wait for a second person, the longest first.',
  method: 'GET',
  staffRole: 'viewer',
  input: z.object({}),
  output: z.object({ adjustments: z.array(adjustment), is_more: isMore }),
} as const satisfies CallContract;

export const approveAdjustment = {
  summary: 'For the staff: books an adjustment or a move that another member has asked for.',
  method: 'POST',
  staffRole: 'finance',
  input: z.object({ adjustment_id: adjustmentId }),
  output: outcome,
  refusals: {
    404: 'No adjustment has the id, or its account is gone.',
    409: 'It waits no longer, or must not be booked any more.',
  },
} as const satisfies CallContract;

export const declineAdjustment = {
  summary: 'For the staff: ends an adjustment or a move that waits for a second person.',
  method: 'POST',
  staffRole: 'finance',
  input: z.object({ adjustment_id: adjustmentId, reason }),
  output: outcome,
  refusals: { 404: 'No adjustment has the id.', 409: 'It waits no longer.' },
} as const satisfies CallContract;
