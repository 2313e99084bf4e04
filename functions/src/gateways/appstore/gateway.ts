import { Unusable } from '../../errors';
import type { Gateway, GatewayEvent } from '../../gateway';
import { readCatalogue } from '../../stores/catalogue';
import { DraftReceipts, draftUnclaimed } from '../../stores/draft-books';
import { readIsEarlier } from '../../stores/earlier-backend';
import { openReceipts, type ReceiptBook } from '../../stores/receipts';
import { openUnclaimedPurchases } from '../../stores/unclaimed-purchases';
import { AppStoreApi } from './api';
import { NAME, readApiConfig, readConfig, type AppStoreConfig } from './config';
import { parseEvent, type AppStoreEvent } from './events';
import { openHistory } from './history';
import { inquire, subjectOf } from './inquiry';
import { readMovements, type MovementsDeps } from './movements';
import { toTrace } from './sales';
import { refunds } from './refund';
import { checkNotification, checkSignature, checkTransaction, openVerifiers } from './signature';

export interface GatewayDeps {
  readonly config: AppStoreConfig;
  readonly receipts: ReceiptBook;
  readonly unclaimed: MovementsDeps['unclaimed'];
  readonly now: () => Date;
  /**
   * The books are read, and changes of them stay in memory; Apple is told nothing. False unless told
   * otherwise.
   */
  readonly isReadOnly: boolean;
}

/** Without a key for Apple's API, the gateway cannot be asked again. */
export function openGateway(deps: Partial<GatewayDeps> = {}): Gateway<AppStoreEvent> {
  const { config = readConfig(), isReadOnly = false, now = () => new Date() } = deps;
  const verifiers = openVerifiers(config);
  const check = (jws: string) => checkTransaction(jws, verifiers);
  const apiConfig = readApiConfig();
  const apple = apiConfig && new AppStoreApi(apiConfig);
  const isTold = apiConfig?.hasConsent === true && !isReadOnly;
  const fixed = {
    mode: config.mode,
    catalogue: readCatalogue(),
    api: isTold ? apple : undefined,
    isEarlier: readIsEarlier(),
  };
  const open = (): MovementsDeps => ({ ...fixed, ...openBooks(deps) });
  const books = open();
  const readEvent = async (jws: string) =>
    parseEvent(await checkNotification(jws, verifiers), check);
  return {
    verify: async (request) => parseEvent(await checkSignature(request, verifiers), check),
    movements: (event) => readMovements(event, books),
    trace,
    subjectOf,
    refunds,
    ...(apple && {
      inquire: (payment) => inquire(payment, { ...open(), apple, checkTransaction: check }),
      history: openHistory({ mode: config.mode, apple, readEvent, open, now }),
    }),
  };
}

/** Drafts are opened anew for each look. */
function openBooks(given: Partial<GatewayDeps>): Pick<MovementsDeps, 'receipts' | 'unclaimed'> {
  const { receipts = openReceipts(NAME), isReadOnly = false } = given;
  if (isReadOnly) return { receipts: new DraftReceipts(receipts), unclaimed: draftUnclaimed };
  return { receipts, unclaimed: given.unclaimed ?? openUnclaimedPurchases(NAME) };
}

function trace({ id, type, transaction }: AppStoreEvent): GatewayEvent {
  return transaction === null || transaction instanceof Unusable
    ? { id, type }
    : { id, type, ...toTrace(transaction) };
}
