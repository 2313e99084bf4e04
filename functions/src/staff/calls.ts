import { z } from 'zod';
import type { CallContract } from '../http/call';
import { rowId } from '../ids';

/** The most orders, rows or parked events in one answer. */
export const MOST = 20;
export const MOST_OPEN = 100;

const cents = z.int().nullable().describe('Signed US cents; null where a person has broken it.');
export const time = z.int().describe('Unix seconds.');
export const timeOrNull = z.int().nullable().describe('Unix seconds.');
const reason = z
  .string()
  .trim()
  .max(500)
  .optional()
  .describe('Why, for `tn_audit`. Name no person.');
export const isMore = z.boolean().describe('Whether there may be more than are told.');

const order = z.object({
  order_id: z.string(),
  uid: z.string(),
  gateway: z.string(),
  amount: z.int().describe('US cents.'),
  mode: z.string(),
  created_at: time,
  ref: z.string().nullable().describe("The gateway's object; null where the order is not bound."),
});

export const row = z.object({
  payment_id: z.string(),
  order_id: z.string().nullable(),
  uid: z.string(),
  gateway: z.string(),
  kind: z.string(),
  amount: cents,
  mode: z.string(),
  occurred_at: timeOrNull,
  created_at: timeOrNull,
  state: z
    .enum(['synced', 'waiting', 'refused', 'ownerless'])
    .describe(
      'synced: in the balance. waiting: the schedule pushes it. refused: the Retail API did not take it. ownerless: its account was deleted.',
    ),
  fault: z.string().nullable().describe('What the last push that failed came to.'),
});

const parked = z.object({
  parked_id: z.string(),
  gateway: z.string(),
  event_type: z.string(),
  reason: z.string().describe('unusable, too_early or conflict.'),
  message: z.string(),
  subjects: z.array(z.string()).describe('What it is about, each with the name of its gateway.'),
  amount: z
    .int()
    .nullable()
    .describe('Of the row that could not be written; null where none could be made.'),
  parked_at: timeOrNull,
  next: z.enum(['release', 'question', 'person', 'resolved']),
  next_at: timeOrNull.describe('When its row is tried again, or its gateway is asked again.'),
});

export const find = {
  summary: 'For the staff: orders, rows and parked events by anything that is known, newest first.',
  // It may hold an e-mail address, which must not stand in the platform's log of requests.
  method: 'POST',
  staffRole: 'viewer',
  input: z.object({
    q: z
      .string()
      .trim()
      .min(3)
      .max(200)
      .describe(
        'A uid, an e-mail address, an order id, a payment id, an id of the gateway, or an amount and a day.',
      )
      .meta({ examples: ['12.50 2026-11-29'] }),
  }),
  output: z.object({
    as: z.enum(['email', 'amount', 'id']).describe('How the question was read.'),
    uid: z
      .string()
      .nullable()
      .describe('The user of the e-mail address; null where there is none.'),
    orders: z.array(order),
    rows: z.array(row),
    parked: z.array(parked),
    is_more: isMore,
  }),
} as const satisfies CallContract;

export const getStory = {
  summary: 'For the staff: what happened to an order or a payment, in plain words.',
  method: 'GET',
  staffRole: 'viewer',
  input: z.object({
    id: z
      .string()
      .min(1)
      .max(500)
      .describe('An order id, a payment id, an id of the gateway, or the id of a parked event.'),
  }),
  output: z.object({
    order_id: z.string().nullable().describe('Null where we have no such order.'),
    payment_id: z.string().nullable().describe('Of its first payment; null where none is booked.'),
    gateway: z.string(),
    uid: z.string().nullable(),
    summary: z.string(),
    lines: z.array(
      z.object({
        at: timeOrNull.describe('Unix seconds; null for how it stands now.'),
        text: z.string(),
        balance: z.string().nullable().describe('What it means for the balance.'),
      }),
    ),
  }),
  refusals: { 404: 'No order, no row and no parked event has the id.' },
} as const satisfies CallContract;

export const listParked = {
  summary: 'For the staff: parked events that are not resolved, the longest parked first.',
  method: 'GET',
  staffRole: 'viewer',
  input: z.object({ gateway: z.string().max(40).optional().describe('This one alone.') }),
  output: z.object({ parked: z.array(parked), is_more: isMore }),
} as const satisfies CallContract;

export const retryParked = {
  summary: 'For the staff: makes a parked event due now, or all that are not resolved.',
  method: 'POST',
  staffRole: 'support',
  input: z.object({
    parked_id: z
      .string()
      .regex(/^(?!\.{1,2}$|__.*__$)[^/]{1,500}$/)
      .describe('Or `all`.'),
    gateway: z.string().max(40).optional().describe('With `all`: this one alone.'),
    reason,
  }),
  output: z.object({
    released: z.int().describe('Rows that the next run of `sync-retryUnsynced` writes.'),
    asked: z.int().describe('Events that the next run of `<gateway>-reconcile` asks about.'),
    is_more: isMore,
  }),
  refusals: { 404: 'No parked event has the id.', 409: 'It is resolved, or changes just now.' },
} as const satisfies CallContract;

export const resolveParked = {
  summary: 'For the staff: resolves a parked event that a person has settled.',
  method: 'POST',
  staffRole: 'support',
  input: z.object({
    parked_id: z.string().regex(/^(?!\.{1,2}$|__.*__$)[^/]{1,500}$/),
    reason: z.string().trim().min(3).max(500).describe('How it was settled. Name no person.'),
  }),
  output: z.object({ result: z.literal('success') }),
  refusals: { 404: 'No parked event has the id.', 409: 'It is resolved, or changes just now.' },
} as const satisfies CallContract;

export const listRefused = {
  summary: 'For the staff: rows that the Retail API has refused.',
  method: 'GET',
  staffRole: 'viewer',
  input: z.object({}),
  output: z.object({ rows: z.array(row), is_more: isMore }),
} as const satisfies CallContract;

export const retryRefused = {
  summary: 'For the staff: makes a row due that the Retail API has refused, or all of them.',
  method: 'POST',
  staffRole: 'support',
  input: z.object({
    payment_id: rowId.describe('Or `all`.'),
    reason,
  }),
  output: z.object({ armed: z.int().describe('Rows that the next sweep pushes.') }),
  refusals: { 404: 'No refused row has the id.' },
} as const satisfies CallContract;
