import { z } from 'zod';

/* The fields that we use of the Play Developer API's objects, checked when they are read. */

/** The end of the year 9999. */
const LAST_MS = 253_402_300_799_999;

const states = { PENDING: 'pending', PURCHASED: 'purchased', CANCELLED: 'cancelled' } as const;

/** Far above what Google sells in one purchase, and still a time of Firestore: see `toRevocation`. */
const quantity = z.int().min(1).max(1_000_000);

const lineItem = z.object({
  productId: z.string().min(1),
  productOfferDetails: z.object({
    // Google leaves out a field that has its default value.
    quantity: quantity.default(1),
    refundableQuantity: z.int().min(0).optional(),
    consumptionState: z.string().optional(),
  }),
});

/** The id of Google's order. It becomes a part of a path. */
export const googleOrderId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/);

/** Opaque text, without characters that could change the path of a call. */
export const purchaseToken = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{9,1499}$/);

/** The present state of a purchase of a one-time product. */
export interface Purchase {
  /** `cancelled`: the buyer gave up a pending purchase, or all of it was refunded. */
  readonly state: 'pending' | 'purchased' | 'cancelled';
  /** Null for a promotion, which costs nothing. */
  readonly googleOrderId: string | null;
  readonly productId: string;
  readonly quantity: number;
  /** The number of pieces that were refunded. */
  readonly voidedQuantity: number;
  /** A license tester bought it and paid nothing. */
  readonly isTest: boolean;
  readonly isConsumed: boolean;
  /** The obfuscated account id that the app gave with the purchase. */
  readonly accountToken: string | null;
  readonly completedAt: Date | null;
}

/** `ProductPurchaseV2` of `purchases.productsv2`. */
export const purchaseSchema = z
  .object({
    orderId: googleOrderId.nullable().default(null),
    purchaseStateContext: z.object({
      purchaseState: z.enum(['PENDING', 'PURCHASED', 'CANCELLED']),
    }),
    // The products of a bundle cannot be consumed one by one.
    productLineItem: z.array(lineItem).length(1),
    // Our token is in lower case; an app may send upper case.
    obfuscatedExternalAccountId: z.string().toLowerCase().nullable().default(null),
    purchaseCompletionTime: z.iso
      .datetime({ offset: true })
      .transform((time) => new Date(time))
      // Firestore cannot store a time of every year.
      .refine((time) => time.getTime() >= 0 && time.getTime() <= LAST_MS)
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
      googleOrderId: given.orderId,
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

/** Google's `Money`: whole units as a string, and billionths of one. True above 0. */
const isAboveNothing = z
  .object({
    units: z
      .string()
      .regex(/^-?\d{1,18}$/)
      .default('0'),
    nanos: z.int().default(0),
  })
  .transform(({ units, nanos }) => BigInt(units) * 1_000_000_000n + BigInt(nanos) > 0n);

/** The buyer paid with Play Points, wholly or in part. An unreadable field shows nothing. */
const pointsDetails = z.object({
  pointsSpent: z
    .string()
    .regex(/^\d{1,18}$/)
    .transform((points) => BigInt(points) > 0n)
    .optional()
    .catch(undefined),
  pointsCouponValue: isAboveNothing.optional().catch(undefined),
});

/**
 * `Order` of `orders`. The price only tells whether something was paid. When the buyer paid nothing,
 * because points or a coupon of Google paid, those points or our revenue show it. `isPaid` is null
 * without a price, and false for a price of 0, unless points or revenue show a payment.
 */
export const orderSchema = z
  .object({
    state: z.string(),
    purchaseToken,
    total: isAboveNothing.optional(),
    pointsDetails: pointsDetails.optional().catch(undefined),
    developerRevenueInBuyerCurrency: isAboveNothing.optional().catch(undefined),
  })
  .transform(({ state, purchaseToken: token, total, pointsDetails: points, ...order }) => {
    const shown = [
      total,
      points?.pointsSpent,
      points?.pointsCouponValue,
      order.developerRevenueInBuyerCurrency,
    ];
    return { state, purchaseToken: token, isPaid: shown.includes(true) ? true : (total ?? null) };
  });
export type PlayOrder = z.output<typeof orderSchema>;

/** One refund of Google's list. */
export interface VoidedPurchase {
  readonly token: string;
  readonly googleOrderId: string | null;
  /** Whether all of the purchase is refunded, and not only some of its pieces. */
  readonly isWhole: boolean;
  /** The time of the refund. The year 1970 when the list does not tell. */
  readonly voidedAt: Date;
}

/** Milliseconds since 1970, with or without quotes. */
const millis = z.coerce
  .number()
  .pipe(z.int().min(0).max(LAST_MS))
  .catch(0)
  .transform((ms) => new Date(ms));

/** `VoidedPurchase`. Google sets voidedQuantity only on a partial refund that leaves something. */
export const voidedPurchaseSchema = z
  .object({
    purchaseToken,
    // Optional fields: another form of one must not drop the refund.
    orderId: googleOrderId.nullable().default(null).catch(null),
    voidedQuantity: z.unknown().optional(),
    voidedTimeMillis: millis,
  })
  .transform(({ purchaseToken: token, orderId, voidedQuantity, voidedTimeMillis }) => {
    const isWhole = (voidedQuantity ?? null) === null;
    return { token, googleOrderId: orderId, isWhole, voidedAt: voidedTimeMillis };
  });

/** The order of an entry that cannot be read otherwise. */
export const voidedOrderSchema = z.object({ orderId: googleOrderId });

/** Absent, null or empty on the last page. Another form is half a page. */
const nextPageToken = z
  .string()
  .nullish()
  .transform((token) => (token === '' ? undefined : (token ?? undefined)));

/** `VoidedPurchasesListResponse`. Google leaves out an empty list. */
export const voidedListSchema = z.object({
  voidedPurchases: z.array(z.unknown()).default([]),
  tokenPagination: z.object({ nextPageToken }).nullish(),
});
