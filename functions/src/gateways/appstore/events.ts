import { z } from 'zod';
import { Malformed, type Unusable } from '../../errors';
import type { GatewayEvent } from '../../gateway';

/**
 * The fields we use of what the App Store signs, after its library has verified them; the library
 * checks their types only. Times come in milliseconds.
 */
const time = z
  .int()
  .min(0)
  .transform((ms) => new Date(ms));

/** A whole refund, in thousandths of a percent. */
export const WHOLE = 100_000;

/** https://developer.apple.com/documentation/appstoreserverapi/jwstransactiondecodedpayload */
const transaction = z
  .object({
    transactionId: z.string().regex(/^\d{1,20}$/),
    productId: z.string().min(1).max(255),
    environment: z.enum(['Production', 'Sandbox']),
    type: z.string().nullable().default(null),
    quantity: z.number().default(1),
    purchaseDate: time,
    signedDate: time,
    inAppOwnershipType: z.string().default('PURCHASED'),
    transactionReason: z.string().default('PURCHASE'),
    /** Thousandths of the buyer's currency, for the whole quantity. */
    price: z.number().nullable().default(null),
    appAccountToken: z.string().toLowerCase().nullable().default(null),
    revocationDate: time.nullable().default(null),
    revocationType: z.string().nullable().default(null),
    /** Null when it is missing or out of range. */
    revocationPercentage: z.int().min(0).max(WHOLE).nullable().catch(null),
  })
  .readonly();

/** One purchase, as it was when it was signed. */
export type Transaction = z.output<typeof transaction>;

/** https://developer.apple.com/documentation/appstoreservernotifications/responsebodyv2decodedpayload */
const notification = z
  .object({
    notificationUUID: z.string().regex(/^[\w-]{1,64}$/),
    notificationType: z.string().regex(/^\w{1,64}$/),
    data: z.object({ environment: z.string(), signedTransactionInfo: z.string().optional() }),
  })
  .partial({ data: true })
  .readonly();
export type Notification = z.output<typeof notification>;

/** A verified notification with the purchase it is about, or with why that cannot be read. */
export interface AppStoreEvent extends GatewayEvent {
  readonly transaction: Transaction | Unusable | null;
}

/** @throws Malformed when what was verified is no transaction. */
export function parseTransaction(verified: unknown): Transaction {
  return parse(transaction, verified, 'transaction');
}

/** @throws Malformed when what was verified is no notification. */
export function parseNotification(verified: unknown): Notification {
  return parse(notification, verified, 'notification');
}

function parse<Schema extends z.ZodType>(schema: Schema, verified: unknown, what: string) {
  const result = schema.safeParse(verified);
  if (result.success) return result.data;
  const fields = new Set(result.error.issues.map((issue) => issue.path.join('.')));
  throw new Malformed(`The signed ${what} has no usable ${[...fields].join(', ')}.`);
}
