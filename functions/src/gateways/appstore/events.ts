import { z } from 'zod';
import { Unauthentic, Unusable } from '../../errors';
import type { GatewayEvent } from '../../gateway';

/*
 * The fields that we use of the signed data, whose signature Apple's library has verified.
 */

/** The end of the year 9999. Firestore cannot store a later time. */
const LAST_MS = 253_402_300_799_999;

/** Milliseconds since 1970. */
const time = z
  .int()
  .min(0)
  .max(LAST_MS)
  .transform((ms) => new Date(ms));

/** A refund of 100 %, in thousandths of a percent. */
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
    revocationPercentage: z.int().min(0).max(WHOLE).nullable().default(null),
  })
  .readonly();

/** One purchase, as it was when Apple signed it. */
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
type Notification = z.output<typeof notification>;

/**
 * The types of notifications that we handle. All others move no balance.
 * https://developer.apple.com/documentation/appstoreservernotifications/notificationtype
 */
const handledTypes = [
  'ONE_TIME_CHARGE',
  'REFUND',
  'REFUND_REVERSED',
  'CONSUMPTION_REQUEST',
] as const;
export type HandledType = (typeof handledTypes)[number];

export function isHandled(type: string): type is HandledType {
  return handledTypes.some((handled) => handled === type);
}

/**
 * A notification whose signature is right, with its purchase. `transaction` is an error when the
 * purchase cannot be read. It is null when there is none, or the type is not handled.
 */
export interface AppStoreEvent extends GatewayEvent {
  /** The JWS of the purchase; null when the notification has none. */
  readonly proof: string | null;
  readonly transaction: Transaction | Unusable | null;
}

/**
 * Reads a notification whose signature is right, and checks the purchase in it, which Apple signs
 * on its own. A purchase that fails the check becomes an `Unusable` in the event, so that the
 * notification is not lost.
 * @param checkTransaction returns the purchase of a JWS, or throws Unauthentic.
 * @throws Unusable when the notification lacks a field.
 */
export async function parseEvent(
  signed: unknown,
  checkTransaction: (jws: string) => Promise<unknown>,
): Promise<AppStoreEvent> {
  const read = parse(notification, signed, 'notification');
  const { notificationUUID: id, notificationType: type } = read;
  const proof = read.data?.signedTransactionInfo ?? null;
  if (!isHandled(type)) return { id, type, proof, transaction: null };
  return { id, type, proof, transaction: await readTransaction(read, checkTransaction) };
}

async function readTransaction(
  { data }: Notification,
  checkTransaction: (jws: string) => Promise<unknown>,
): Promise<AppStoreEvent['transaction']> {
  if (data?.signedTransactionInfo === undefined) return null;
  try {
    const read = parseTransaction(await checkTransaction(data.signedTransactionInfo));
    if (read.environment === data.environment) return read;
    return new Unusable('The purchase is from another environment than its notification.');
  } catch (error) {
    if (!(error instanceof Unusable || error instanceof Unauthentic)) throw error;
    return new Unusable(`The purchase in a notification: ${error.message}`, { cause: error });
  }
}

/**
 * Reads a purchase whose signature is right.
 * @throws Unusable when it lacks a field.
 */
export function parseTransaction(signed: unknown): Transaction {
  return parse(transaction, signed, 'transaction');
}

function parse<Schema extends z.ZodType>(schema: Schema, signed: unknown, what: string) {
  const result = schema.safeParse(signed);
  if (result.success) return result.data;
  const fields = new Set(result.error.issues.map((issue) => issue.path.join('.')));
  throw new Unusable(`The signed ${what} has no usable ${[...fields].join(', ')}.`);
}
