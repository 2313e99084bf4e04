import { onSchedule } from 'firebase-functions/v2/scheduler';
import { HEALTH_KNOWN_MS, SCHEDULED_RUN_MS } from '../config/limits';
import { clientOptions, healthOptions, scheduleOptions } from '../config/options';
import { endpoint, publicEndpoint } from '../http/endpoint';
import { onRequest } from '../http/on-request';
import { once } from '../once';
import { scheduled } from '../schedule/scheduled';
import { retailSecrets } from '../retail/config';
import * as calls from './calls';
import { readPublicKeys } from './public-keys';

const transactions = once(async () => (await import('./transactions')).openTransactions());
const payments = once(async () => (await import('./payment')).openPayments());
const customers = once(async () => (await import('./customer')).openCustomers());
const healths = once(async () => (await import('./health')).openHealth());
const balances = once(async () => (await import('./balance')).openBalances());

/** → {total, reserved, pending}. Creates the customer when the Retail API does not have it yet. */
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

/** {} → {result}: deletes the account of the caller. */
export const deleteCustomer = onRequest(
  { ...clientOptions, secrets: [] },
  endpoint('app-deleteCustomer', calls.deleteCustomer, async ({ caller }) => {
    const { openDeletion } = await import('../deletion/deletion');
    await (await openDeletion()).request(caller.uid);
    return { result: 'success' as const };
  }),
);

/**
 * Goes on with deletions, and erases documents that arrive with the uid of a deleted account. Lets
 * orders expire that were never paid.
 */
export const eraseCustomers = onSchedule(
  { ...scheduleOptions, schedule: 'every 1 hours', secrets: [] },
  scheduled('app-eraseCustomers', async () => {
    const { openDeletion } = await import('../deletion/deletion');
    const { openOrderExpiry } = await import('../orders/expiry');
    const until = new Date(Date.now() + SCHEDULED_RUN_MS);
    await (await openDeletion()).resume(until);
    await openOrderExpiry().run(until);
  }),
);

/** → the public keys of the enabled gateways, which caches may keep for a while. */
export const getPublicKeys = onRequest(
  { ...clientOptions, secrets: [] },
  publicEndpoint('app-getPublicKeys', calls.getPublicKeys, async () => readPublicKeys()),
);

/** → {status, version, mode}, for an uptime check; a copy is good for a moment only. */
export const health = onRequest(
  { ...healthOptions, secrets: [] },
  publicEndpoint('app-health', calls.getHealth, async () => (await healths()).read(), {
    freshS: HEALTH_KNOWN_MS / 1000,
  }),
);

/** {order_id} → {status, payments}: the same statuses for every gateway. */
export const getPayment = onRequest(
  { ...clientOptions, secrets: [] },
  endpoint('app-getPayment', calls.getPayment, async (call) => (await payments()).read(call)),
);

/** → {accountOnHold, regCountry} */
export const getCustomer = onRequest(
  { ...clientOptions, secrets: retailSecrets },
  endpoint('app-getCustomer', calls.getCustomer, async (call) => (await customers()).read(call)),
);
