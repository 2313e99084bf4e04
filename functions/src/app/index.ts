import { onSchedule } from 'firebase-functions/v2/scheduler';
import { clientOptions, scheduleOptions } from '../config/options';
import { endpoint } from '../http/endpoint';
import { onRequest } from '../http/on-request';
import { scheduled } from '../schedule';
import * as calls from './calls';

/** {} → {result}: deletes the account of whoever calls. */
export const deleteCustomer = onRequest(
  { ...clientOptions, secrets: [] },
  endpoint('app-deleteCustomer', calls.deleteCustomer, async ({ caller }) => {
    const { openDeletion } = await import('./deletion/deletion');
    await (await openDeletion()).request(caller.uid);
    return { result: 'success' as const };
  }),
);

/** No deletion is begun later than this. */
const ERASE_MS = 480_000;

/** Erases what a deletion has left, and what still arrives under the uid of a deleted account. */
export const eraseCustomers = onSchedule(
  { ...scheduleOptions, schedule: 'every 1 hours', secrets: [] },
  scheduled('app-eraseCustomers', async () => {
    const { openDeletion } = await import('./deletion/deletion');
    await (await openDeletion()).resume(new Date(Date.now() + ERASE_MS));
  }),
);
