import { z } from 'zod';
import type { CallContract } from '../http/call';
import { rowId } from '../ids';
import { row } from './calls';

export const listMonth = {
  summary: 'For the staff: the rows that were booked in a month, oldest first, a page at a time.',
  method: 'GET',
  staffRole: 'finance',
  input: z.object({
    month: z
      .string()
      .regex(/^20\d\d-(0[1-9]|1[0-2])$/)
      .describe('In UTC, by the time that a row was booked.')
      .meta({ examples: ['2026-11'] }),
    gateway: z.string().min(1).max(40).optional().describe('This one alone, or `manual`.'),
    after: rowId.optional().describe('`next` of the page before.'),
  }),
  output: z.object({
    rows: z.array(
      row.extend({
        parent_id: z.string().nullable().describe('The payment that a correction belongs to.'),
        is_reviewer: z.boolean().describe('Of a reviewer of a store: no money was paid for it.'),
      }),
    ),
    next: z.string().nullable().describe('Asks for the page after; null on the last one.'),
  }),
  refusals: { 404: 'No row has the id of `after`.' },
} as const satisfies CallContract;
