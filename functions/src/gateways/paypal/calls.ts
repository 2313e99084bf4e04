import { z } from 'zod';
import { orderId, recaptchaFields, topUpAmount, type CallContract } from '../../http/call';

export const createOrder = {
  summary: 'Places our order, and the one of PayPal that pays for it.',
  method: 'POST',
  recaptchaAction: 'paypal_payment',
  input: z.object({ ...recaptchaFields, amount: topUpAmount }),
  output: z.object({
    id: z.string().describe("PayPal's order."),
    order_id: orderId,
    status: z.string(),
    links: z.array(z.object({ href: z.string(), rel: z.string(), method: z.string().optional() })),
  }),
} as const satisfies CallContract;

const payPalOrderId = z.string().regex(/^[A-Z0-9]{1,36}$/);

export const captureOrder = {
  summary: 'Takes the money of an order that the buyer has approved.',
  method: 'POST',
  input: z
    .object({
      id: payPalOrderId
        .optional()
        .describe("PayPal's order: the `id` that `paypal-createOrder` answered."),
      order_id: payPalOrderId
        .optional()
        .describe(
          "The older name of `id`, for PayPal's order too: not the `order_id` of our order.",
        ),
    })
    .meta({ anyOf: [{ required: ['id'] }, { required: ['order_id'] }] }),
  output: z.object({
    result: z.literal('success'),
    status: z
      .enum(['paid', 'review'])
      .describe('review: PayPal holds the money back for now; its webhook says how it ends.'),
  }),
  refusals: {
    404: 'The caller has no such order.',
    409: 'PayPal has declined the payment, or the buyer has not approved it. Let the buyer approve the same order again, with another card.',
  },
} as const satisfies CallContract;
