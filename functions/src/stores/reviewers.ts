import { z } from 'zod';
import { list, readEnvironment, type Environment } from '../config/environment';
import type { PaymentsMode } from '../config/settings';

const schema = z.object({ STORE_REVIEWER_UIDS: list.default([]) });

/**
 * Whether a sandbox purchase, which costs nothing, may credit this user. On a test deployment every
 * user; on a live one only those of STORE_REVIEWER_UIDS, because the stores' reviewers buy in the
 * sandbox.
 */
export function mayUseSandbox(uid: string, mode: PaymentsMode, environment?: Environment): boolean {
  return mode === 'test' || readEnvironment(schema, environment).STORE_REVIEWER_UIDS.includes(uid);
}

/**
 * The mode and the mark of a sale's rows. They have the mode of the deployment, because the balance
 * that rises has it. Sandbox money on a live deployment is marked as a reviewer's.
 */
export function modeOfSale(
  isSandbox: boolean,
  mode: PaymentsMode,
): { readonly mode: PaymentsMode; readonly isReviewer?: true } {
  return isSandbox && mode === 'live' ? { mode, isReviewer: true } : { mode };
}
