import type { Expression } from 'firebase-functions/params';
import { z } from 'zod';
import { staffOptions } from '../config/options';
import type { Gateway, GatewayEvent } from '../gateway';
import { retailSecrets } from '../retail/config';
import type { CallContract } from './call';
import { onRequest, type PublishedHandler } from './on-request';
import { staffActEndpoint } from './staff';

const recheck = {
  summary:
    'For the staff: asks the gateway now about an order or a payment, and books what it says.',
  method: 'POST',
  staffRole: 'support',
  input: z.object({
    id: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,128}$/)
      .describe('Our order id, or a payment id.'),
    reason: z.string().trim().max(500).optional().describe('Why, for `tn_audit`. Name no person.'),
  }),
  output: z.object({
    told: z.int().describe('How many movements the gateway told of.'),
    booked: z
      .array(z.string())
      .describe('The payment ids of the rows that were written or pushed.'),
    parked: z.array(z.string()).describe('Why movements are no rows.'),
  }),
  refusals: {
    404: 'No order and no row of this gateway has the id.',
    409: 'The gateway cannot be asked here; its README says what to do instead.',
  },
} as const satisfies CallContract;

/**
 * Declares the call by which the staff asks a gateway again.
 * @param name the gateway's folder.
 * @param options its switch and its secrets.
 * @param open loads the gateway; called by a request.
 */
export function askAgain<Event extends GatewayEvent>(
  name: string,
  { omit, secrets }: { readonly omit: Expression<boolean>; readonly secrets: readonly string[] },
  open: () => Promise<Gateway<Event>>,
): PublishedHandler {
  return onRequest(
    { ...staffOptions, omit, secrets: [...secrets, ...retailSecrets] },
    staffActEndpoint(`${name}-recheck`, recheck, {
      act: 'recheck',
      targetOf: ({ id }) => id,
      reasonOf: ({ reason }) => reason,
      run: async ({ id }) => {
        const { askNow } = await import('../reconcile/ask-now');
        const { openSecondLook } = await import('../reconcile/second-look');
        return askNow(await openSecondLook(name, await open()), id);
      },
      outcomeOf: ({ told, booked, parked }) =>
        `${told} told, ${booked.length} booked or pushed, ${parked.length} parked`,
    }),
  );
}
