import { z } from 'zod';
import { list, readEnvironment, type Environment } from '../config/environment';
import type { PaymentsMode } from '../config/settings';

const schema = z.object({ STORE_REVIEWER_UIDS: list.default([]) });

/**
 * Whether a purchase that cost nothing may credit this user: everyone's on a test deployment; on a
 * live one those of STORE_REVIEWER_UIDS, because the stores' reviewers buy in the sandbox. The row
 * then says mode `test`.
 */
export function mayUseSandbox(uid: string, mode: PaymentsMode, environment?: Environment): boolean {
  return mode === 'test' || readEnvironment(schema, environment).STORE_REVIEWER_UIDS.includes(uid);
}
