import { Unusable } from '../../errors';
import type { Gateway, GatewayEvent } from '../../gateway';
import { readCatalogue } from '../../stores/catalogue';
import { readIsEarlier } from '../../stores/earlier-backend';
import { openReceipts, type ReceiptBook } from '../../stores/receipts';
import { openUnclaimedPurchases } from '../../stores/unclaimed-purchases';
import { AppStoreApi } from './api';
import { NAME, readApiConfig, readConfig, type AppStoreConfig } from './config';
import { parseEvent, type AppStoreEvent } from './events';
import { readMovements, type MovementsDeps } from './movements';
import { toTrace } from './sales';
import { checkSignature, checkTransaction, openVerifiers } from './signature';

export interface GatewayDeps {
  readonly config: AppStoreConfig;
  readonly receipts: ReceiptBook;
  readonly unclaimed: MovementsDeps['unclaimed'];
}

export function openGateway(deps: Partial<GatewayDeps> = {}): Gateway<AppStoreEvent> {
  const { config = readConfig(), receipts = openReceipts(NAME) } = deps;
  const { unclaimed = openUnclaimedPurchases(NAME) } = deps;
  const { mode } = config;
  const verifiers = openVerifiers(config);
  const apiConfig = readApiConfig();
  const api = apiConfig && new AppStoreApi(apiConfig);
  const catalogue = readCatalogue();
  const isEarlier = readIsEarlier();
  return {
    verify: async (request) =>
      parseEvent(await checkSignature(request, verifiers), (jws) =>
        checkTransaction(jws, verifiers),
      ),
    movements: (event) =>
      readMovements(event, { mode, receipts, unclaimed, catalogue, api, isEarlier }),
    trace,
  };
}

function trace({ id, type, transaction }: AppStoreEvent): GatewayEvent {
  return transaction === null || transaction instanceof Unusable
    ? { id, type }
    : { id, type, ...toTrace(transaction) };
}
