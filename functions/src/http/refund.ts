import type { Expression } from 'firebase-functions/params';
import { z } from 'zod';
import { staffOptions } from '../config/options';
import { LARGEST_CENTS } from '../config/settings';
import type { Gateway, GatewayEvent } from '../gateway';
import { rowId } from '../ids';
import { refundStates } from '../ledger/refund-request';
import { decimalOf } from '../money';
import type { Preview } from '../refunds/preview';
import type { RefundDesk } from '../refunds/refund';
import { retailSecrets } from '../retail/config';
import type { CallContract, Reply } from './call';
import { onRequest, type PublishedHandler } from './on-request';
import { staffActEndpoint, staffEndpoint } from './staff';

/** A query holds texts. */
const centsInQuery = z
  .string()
  .regex(/^[1-9]\d*$/)
  .transform(Number)
  .pipe(z.int().min(1).max(LARGEST_CENTS));
/** Of any coin. Signs that no address has are refused. */
const address = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9:_+/=-]{10,150}$/);
const refusals = {
  404: 'No row has the id.',
  409: 'It cannot be given back; the message says why.',
} as const;

const preview = {
  summary: 'For the staff: what a refund of a payment would do. Nothing is changed.',
  method: 'GET',
  staffRole: 'support',
  input: z.object({
    payment_id: rowId,
    cents: centsInQuery.optional().describe('US cents; all that is left unless told.'),
    is_another: z.literal('true').optional().describe('As for the refund.'),
  }),
  output: z.object({
    can: z
      .enum(['none', 'full', 'partial'])
      .describe('What the gateway gives back through its API.'),
    by_hand: z.array(z.string()).describe('The steps by hand, where it gives nothing back.'),
    needs_address: z
      .string()
      .nullable()
      .describe('Whose address the refund must name, in words; null where it names none.'),
    amount: z.int().describe('What would be given back, in US cents.'),
    paid: z.int(),
    left: z.int().describe('Paid, less what refunds and disputes have taken.'),
    requested: z.int().describe('Asked for, and not booked yet.'),
    balance: z.int().nullable().describe('US cents; null where there is none, or it is unknown.'),
    balance_after: z.int().nullable().describe('It may be below zero.'),
    is_deleted_account: z.boolean(),
    is_credit_refused: z
      .boolean()
      .describe('The Retail API has refused the payment: make it due again first.'),
  }),
  refusals,
} as const satisfies CallContract;

const refund = {
  summary: 'For the staff: gives money of a payment back through its gateway.',
  method: 'POST',
  staffRole: 'support',
  input: z.object({
    payment_id: rowId,
    cents: z
      .int()
      .min(1)
      .max(LARGEST_CENTS)
      .optional()
      .describe('US cents; all that is left unless told.'),
    is_another: z
      .boolean()
      .optional()
      .describe('As much was given back within a day, and this is another refund.'),
    address: address
      .optional()
      .describe('Where the money goes, if the preview needs it. It is stored nowhere.'),
    reason: z.string().trim().min(3).max(500).describe('Why, for `tn_audit`. Name no person.'),
  }),
  output: z.object({
    request_id: z.string(),
    state: z
      .enum(refundStates)
      .describe(
        'done: its row is booked. sent: the row comes with the report of the gateway. unknown: repeat the call. failed: nothing was given back.',
      ),
    amount: z.int().describe('US cents.'),
    refund_id: z.string().nullable().describe("The gateway's id of the refund."),
    fault: z.string().nullable(),
  }),
  refusals,
} as const satisfies CallContract;

/**
 * Declares the two calls by which the staff gives money back.
 * @param name the gateway's folder.
 * @param options its switch and its secrets.
 * @param open loads the gateway; called by a request.
 */
export function refunding<Event extends GatewayEvent>(
  name: string,
  { omit, secrets }: { readonly omit: Expression<boolean>; readonly secrets: readonly string[] },
  open: () => Promise<Gateway<Event>>,
): { readonly previewRefund: PublishedHandler; readonly refund: PublishedHandler } {
  const options = { ...staffOptions, omit, secrets: [...secrets, ...retailSecrets] };
  const openDesk = async (): Promise<RefundDesk> => {
    const { openSecondLook } = await import('../reconcile/second-look');
    const { openRefundRequests } = await import('../ledger/refund-requests');
    const gateway = await open();
    return { gateway, look: await openSecondLook(name, gateway), requests: openRefundRequests() };
  };
  return {
    previewRefund: onRequest(
      options,
      staffEndpoint(`${name}-previewRefund`, preview, async (input, role) => {
        const { previewRefund } = await import('../refunds/preview');
        const told = await previewRefund(await openDesk(), {
          gateway: name,
          paymentId: input.payment_id,
          cents: input.cents,
          isAnother: input.is_another !== undefined,
          address: undefined,
          role,
          line: '',
        });
        return toReply(told);
      }),
    ),
    refund: onRequest(
      options,
      staffActEndpoint(`${name}-refund`, refund, {
        act: 'refund',
        targetOf: (input) => input.payment_id,
        reasonOf: ({ reason }) => reason,
        run: async (input, line, { role }) => {
          const { refundPayment } = await import('../refunds/refund');
          const request = await refundPayment(await openDesk(), {
            gateway: name,
            paymentId: input.payment_id,
            cents: input.cents,
            isAnother: input.is_another === true,
            address: input.address,
            role,
            line,
          });
          const { id, state, amountCents, refundId, fault } = request;
          return { request_id: id, state, amount: amountCents, refund_id: refundId, fault };
        },
        outcomeOf: ({ request_id: id, state, amount }) =>
          `${decimalOf(amount)} USD ${state}, request ${id}`,
      }),
    ),
  };
}

function toReply(told: Preview): Reply<typeof preview> {
  return {
    can: told.can,
    by_hand: [...told.byHand],
    needs_address: told.needsAddress,
    amount: told.cents,
    paid: told.paid,
    left: told.left,
    requested: told.requested,
    balance: told.balance,
    balance_after: told.balance === null ? null : told.balance - told.cents,
    is_deleted_account: told.isDeletedAccount,
    is_credit_refused: told.isCreditRefused,
  };
}
