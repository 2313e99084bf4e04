import { z } from 'zod';
import { topUpAmount, type CallContract } from '../../http/call';

/** What the payment sheet needs: the names are those of the published client protocol. */
export const getPaymentIntent = {
  summary: 'Places an order and makes the PaymentIntent that pays for it.',
  method: 'POST',
  input: z.object({ amount: topUpAmount }),
  output: z.object({ id: z.string(), clientSecret: z.string(), publicKey: z.string() }),
} as const satisfies CallContract;

export const getPaymentIntentStatus = {
  summary: 'Asks Stripe how a payment stands, and books what a missed webhook did not.',
  method: 'POST',
  input: z.object({ payment_intent_id: z.string().regex(/^pi_\w{1,255}$/) }),
  output: z.object({ status: z.enum(['paid', 'unpaid', 'review', 'refunded']) }),
} as const satisfies CallContract;
