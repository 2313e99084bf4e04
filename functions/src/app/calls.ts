import { z } from 'zod';
import { paymentsMode } from '../config/settings';
import type { CallContract } from '../http/call';
import * as gateways from './gateways';
import { rowKinds } from '../movement';

// The names are those of the published client protocol.

const cents = z.int().describe('US cents.');

export const getBalance = {
  summary: 'The balance of the account, and the payments that are not in it yet.',
  method: 'GET',
  input: z.object({}),
  output: z.object({
    total: cents,
    reserved: cents.describe('US cents of the total that orders under way have taken.'),
    pending: cents.describe(
      'Signed US cents that were paid or given back and are not in the total yet; a new payment may for a moment be in both.',
    ),
  }),
} as const satisfies CallContract;

const isRefused = z
  .literal(true)
  .optional()
  .describe('The balance has refused it; the operator has to help. Do not let the user pay again.');

const rowKind = z.enum(rowKinds).optional().describe('Absent on a row that a person has written.');

/**
 * A whole number from 1 in a query: a text on the wire, without a sign, an exponent or a leading zero.
 * In `docs/openapi.json` it is an integer.
 */
function countInQuery(maximum: number) {
  return z
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(maximum));
}

export const getTransactions = {
  summary:
    'The transactions of the account, newest first; those that are not in the balance yet are included.',
  method: 'GET',
  input: z.object({
    page: countInQuery(999_999)
      .prefault('1')
      .describe('From 1 to `pages`, which reach back 1,000 transactions.'),
    limit: countInQuery(100).prefault('10').describe('From 1 to 100.'),
  }),
  output: z.object({
    transactions: z.array(
      z.object({
        customer_id: z.string(),
        transaction_id: z.string(),
        gateway: z.string(),
        kind: rowKind,
        parent_id: z
          .string()
          .optional()
          .describe('The `transaction_id` of the payment that a refund or a dispute belongs to.'),
        amount: z.int().describe('Signed US cents.'),
        created_at: z.int().describe('Unix seconds.'),
        is_refused: isRefused,
      }),
    ),
    page: z.int(),
    limit: z.int(),
    pages: z.int().describe('The number of pages that can be read.'),
    total: z.int(),
  }),
} as const satisfies CallContract;

export const deleteCustomer = {
  summary: 'Deletes the account of the caller: the balance is forfeited, the sign-in ends.',
  method: 'DELETE',
  input: z.object({}),
  output: z.object({ result: z.literal('success') }),
} as const satisfies CallContract;

const publicKeyNames = Object.values(gateways).flatMap(({ publicKeys }) => Object.keys(publicKeys));

export const getPublicKeys = {
  summary: 'The public identifiers of the enabled gateways.',
  method: 'GET',
  input: z.object({}),
  output: z.object(Object.fromEntries(publicKeyNames.map((name) => [name, z.string().optional()]))),
} as const satisfies CallContract;

export const getHealth = {
  summary:
    'For an uptime check: 503 when Firestore does not answer. It says nothing of gateways and balances.',
  method: 'GET',
  input: z.object({}),
  output: z.object({
    status: z.literal('ok'),
    version: z.string().describe('Of the deployed code.'),
    mode: paymentsMode.describe('test: no payment reaches a live balance.'),
  }),
} as const satisfies CallContract;

export const getPayment = {
  summary: 'How an order stands, whatever it is paid with, and the rows behind it.',
  method: 'GET',
  input: z.object({
    order_id: z.string().describe('Our order, as the call that placed it answered.'),
  }),
  output: z.object({
    status: z
      .enum(['paid', 'unpaid', 'review', 'refunded', 'uncredited'])
      .describe(
        'review: the gateway holds the money for a check. refunded: all was given back, or moved to the account that it was meant for. uncredited: it was paid, and the balance has refused it; the operator has to help.',
      ),
    is_closed: z
      .literal(true)
      .optional()
      .describe(
        'The gateway was asked for days and has no payment: offer a new order. A late payment still counts.',
      ),
    payments: z.array(
      z.object({
        payment_id: z.string(),
        kind: rowKind,
        amount: z.int().describe('Signed US cents.'),
        gateway: z.string(),
        created_at: z.int().describe('Unix seconds.'),
        is_synced: z.boolean().describe('Whether it is in the balance.'),
        is_refused: isRefused,
      }),
    ),
  }),
  refusals: { 404: 'The caller has no such order.' },
} as const satisfies CallContract;

export const getCustomer = {
  summary: 'The state of the account.',
  method: 'GET',
  input: z.object({}),
  output: z.object({
    accountOnHold: z.boolean(),
    regCountry: z
      .string()
      .nullable()
      .describe('Where it was registered, ISO 3166-1 alpha-2; null where it is not set.'),
  }),
} as const satisfies CallContract;
