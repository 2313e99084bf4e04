import { clientOptions } from '../config/options';
import { endpoint } from '../http/endpoint';
import { onRequest } from '../http/on-request';
import { once } from '../once';
import { retailSecrets } from '../sync/config';
import * as calls from './calls';

const transactions = once(async () => (await import('./transactions')).openTransactions());
const balances = once(async () => (await import('./balance')).openBalances());

/** → {total, reserved, pending}: a customer that the Retail API does not know yet is created. */
export const getBalance = onRequest(
  { ...clientOptions, secrets: retailSecrets },
  endpoint('app-getBalance', calls.getBalance, async (call) => (await balances()).read(call)),
);

/** {page, limit} → {transactions, page, limit, pages, total}, from the ledger. */
export const getTransactions = onRequest(
  { ...clientOptions, secrets: [] },
  endpoint('app-getTransactions', calls.getTransactions, async (call) =>
    (await transactions()).read(call),
  ),
);
