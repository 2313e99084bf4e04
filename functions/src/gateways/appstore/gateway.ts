import { z } from 'zod';
import { Unauthentic, Unusable } from '../../errors';
import type { ReceiptOwner } from '../../stores/receipt';
import { openReceipts, type ReceiptBook } from '../../stores/receipts';
import { log } from '../../log';
import { readCatalogue, type Catalogue } from '../../stores/catalogue';
import { mayUseSandbox } from '../../stores/reviewers';
import type { Gateway } from '../../gateway';
import { NAME, readApiConfig, readAppConfig, type AppConfig } from './config';
import { Consumption } from './consumption';
import type { AppStoreEvent, Transaction } from './events';
import {
  creditTo,
  isConsumable,
  modeOf,
  receiptIdOf,
  reversalOf,
  revocationOf,
  traceOf,
} from './sales';
import { Verifier } from './verifier';
import type { Movement } from '../../movement';

/** What a notification is acted on with. */
interface Desk {
  readonly config: AppConfig;
  readonly receipts: ReceiptBook;
  readonly catalogue: Catalogue;
  /** Undefined where we do not tell Apple anything. */
  readonly consumption: Consumption | undefined;
}

export function openGateway(
  config: AppConfig = readAppConfig(),
  receipts: ReceiptBook = openReceipts(NAME),
): Gateway<AppStoreEvent> {
  const verifier = new Verifier(config);
  const api = readApiConfig();
  const consumption = api && new Consumption(api);
  const desk: Desk = { config, receipts, catalogue: readCatalogue(), consumption };
  return {
    verify: async (request) =>
      verifier.notification(signedPayloadOf(request.body), (type) => acts.has(type)),
    trace: ({ id, type, transaction }) =>
      transaction === null || transaction instanceof Unusable
        ? { id, type }
        : { id, type, ...traceOf(transaction) },
    movements: async (event) => {
      const act = acts.get(event.type);
      if (act === undefined) return [];
      const { transaction } = event;
      if (transaction === null) throw new Unusable('The notification carries no purchase.');
      if (transaction instanceof Unusable) throw transaction;
      // Subscriptions and the like raise no balance.
      return isConsumable(transaction) ? act(desk, event, transaction) : [];
    },
  };
}

const body = z.object({ signedPayload: z.string() });

/** What is around the signature is not signed, so that whatever is wrong with it proves nothing. */
function signedPayloadOf(raw: Buffer): string {
  try {
    return body.parse(JSON.parse(raw.toString('utf8'))).signedPayload;
  } catch {
    throw new Unauthentic('There is no signed payload.');
  }
}

type Act = (
  desk: Desk,
  event: AppStoreEvent,
  transaction: Transaction,
) => Promise<readonly Movement[]>;

/**
 * The notifications we act on; of every other type nothing comes.
 * https://developer.apple.com/documentation/appstoreservernotifications/notificationtype
 */
const acts: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['ONE_TIME_CHARGE', credit],
  ['REFUND', refund],
  ['REFUND_REVERSED', reverse],
  ['CONSUMPTION_REQUEST', tellConsumption],
]);

/**
 * Credits a purchase whose buyer we know, from the receipt or from earlier ones. Of any other the
 * app sends us the proof, and itself with it.
 */
async function credit(
  { config, receipts, catalogue }: Desk,
  _event: AppStoreEvent,
  transaction: Transaction,
): Promise<readonly Movement[]> {
  const known = (await receipts.find(receiptIdOf(transaction)))?.owner;
  const owner = known ?? (await buyerOf(receipts, transaction.appAccountToken));
  if (owner === undefined) return [];
  if (modeOf(transaction) === 'test' && !mayUseSandbox(owner.uid, config.mode)) return [];
  return creditTo(owner, transaction, receipts, catalogue);
}

async function buyerOf(
  receipts: ReceiptBook,
  token: string | null,
): Promise<ReceiptOwner | undefined> {
  const uid = token === null ? undefined : await receipts.uidOf(token);
  return token === null || uid === undefined ? undefined : { uid, accountToken: token };
}

async function refund(
  { receipts }: Desk,
  { id, type }: AppStoreEvent,
  transaction: Transaction,
): Promise<readonly Movement[]> {
  if (transaction.revocationDate === null) throw new Unusable('The purchase shows no refund.');
  const revocation = revocationOf(transaction);
  if (revocation === null) return [];
  const { movements } = await receipts.revoke(receiptIdOf(transaction), revocation);
  if (movements.length === 0) {
    log.warn('a refund of a purchase that was never credited', { event_id: id, event_type: type });
  }
  return movements;
}

async function reverse(
  { receipts }: Desk,
  _event: AppStoreEvent,
  transaction: Transaction,
): Promise<readonly Movement[]> {
  return (await receipts.revoke(receiptIdOf(transaction), reversalOf(transaction))).movements;
}

async function tellConsumption(
  { receipts, consumption }: Desk,
  _event: AppStoreEvent,
  transaction: Transaction,
): Promise<readonly Movement[]> {
  if (consumption === undefined) return [];
  const receipt = await receipts.find(receiptIdOf(transaction));
  const movements = receipt?.movements ?? [];
  await consumption.tell(transaction, movements.length > 0);
  return movements;
}
