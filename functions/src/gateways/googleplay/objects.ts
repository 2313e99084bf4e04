import { z } from 'zod';

/** The fields we use of what the Play Developer API returns, checked when they are read. */

const states = { PENDING: 'pending', PURCHASED: 'purchased', CANCELLED: 'cancelled' } as const;

const quantity = z.int().min(1);

const lineItem = z.object({
  productId: z.string().min(1),
  productOfferDetails: z.object({
    // What has its default is left out.
    quantity: quantity.default(1),
    refundableQuantity: z.int().min(0).optional(),
    consumptionState: z.string().optional(),
  }),
});

/** Becomes a part of a path. */
export const orderId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/);

/** Opaque; what Google's API would take for a path is none. */
export const purchaseToken = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{9,1499}$/);

/** A purchase of a one-time product as it is by now. */
export interface Purchase {
  /** `cancelled`: a pending one was given up, or all of it was refunded. */
  readonly state: 'pending' | 'purchased' | 'cancelled';
  /** Null when nothing was to be paid: a promotion. */
  readonly orderId: string | null;
  readonly productId: string;
  readonly quantity: number;
  /** How many of them were refunded. */
  readonly voidedQuantity: number;
  /** A licensed tester bought it, and paid nothing. */
  readonly isTest: boolean;
  readonly isConsumed: boolean;
  /** The obfuscated account id that the app gave with the purchase. */
  readonly accountToken: string | null;
  readonly completedAt: Date | null;
}

/** `ProductPurchaseV2` of `purchases.productsv2`. */
export const purchaseSchema = z
  .object({
    orderId: orderId.nullable().default(null),
    purchaseStateContext: z.object({
      purchaseState: z.enum(['PENDING', 'PURCHASED', 'CANCELLED']),
    }),
    // The products of a bundle could not be consumed one by one.
    productLineItem: z.array(lineItem).length(1),
    // Ours is written in lower case; an app may write it otherwise.
    obfuscatedExternalAccountId: z.string().toLowerCase().nullable().default(null),
    purchaseCompletionTime: z.iso
      .datetime({ offset: true })
      .transform((time) => new Date(time))
      .nullable()
      .default(null),
    testPurchaseContext: z.looseObject({}).optional(),
  })
  .transform((given, context): Purchase => {
    const [item] = given.productLineItem;
    if (item === undefined) return z.NEVER;
    const { productOfferDetails: details } = item;
    const state = states[given.purchaseStateContext.purchaseState];
    const refundable = state === 'cancelled' ? 0 : (details.refundableQuantity ?? details.quantity);
    if (refundable > details.quantity) {
      context.addIssue({ code: 'custom', path: ['refundableQuantity'] });
      return z.NEVER;
    }
    return {
      state,
      orderId: given.orderId,
      productId: item.productId,
      quantity: details.quantity,
      voidedQuantity: details.quantity - refundable,
      isTest: given.testPurchaseContext !== undefined,
      isConsumed: details.consumptionState === 'CONSUMPTION_STATE_CONSUMED',
      accountToken:
        given.obfuscatedExternalAccountId === '' ? null : given.obfuscatedExternalAccountId,
      completedAt: given.purchaseCompletionTime,
    };
  });

/** Google's `Money`: whole units as a string, and billionths of one. */
const money = z.object({
  units: z
    .string()
    .regex(/^-?\d{1,18}$/)
    .default('0'),
  nanos: z.int().default(0),
});

/**
 * `Order` of `orders`. The price tells us only whether something was paid; null when there is none,
 * which is not the same as a price of nothing.
 */
export const orderSchema = z
  .object({ state: z.string(), purchaseToken: z.string(), total: money.optional() })
  .transform(({ state, purchaseToken, total }) => ({
    state,
    purchaseToken,
    isPaid: total === undefined ? null : BigInt(total.units) > 0n || total.nanos > 0,
  }));
export type PlayOrder = z.output<typeof orderSchema>;

/** One refund of Google's list. */
export interface VoidedPurchase {
  readonly token: string;
  readonly orderId: string | null;
  /** Nothing of the purchase is left; otherwise some of its pieces are. */
  readonly isWhole: boolean;
}

/** `VoidedPurchase`: what is not of a part has no quantity, and the last part has none either. */
export const voidedPurchaseSchema = z
  .object({
    purchaseToken,
    orderId: orderId.nullable().default(null),
    voidedQuantity: z.unknown().optional(),
  })
  .transform(({ purchaseToken: token, orderId: order, voidedQuantity }): VoidedPurchase => {
    return { token, orderId: order, isWhole: (voidedQuantity ?? null) === null };
  });

/** `VoidedPurchasesListResponse`. */
export const voidedListSchema = z.object({
  voidedPurchases: z.array(z.unknown()).default([]),
  tokenPagination: z.object({ nextPageToken: z.string().min(1).optional() }).optional(),
});
