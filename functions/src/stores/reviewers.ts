import { z } from 'zod';
import { list, readEnvironment, type Environment } from '../config/environment';
import type { PaymentsMode } from '../config/settings';

const schema = z.object({ STORE_REVIEWER_UIDS: list.default([]) });

/**
 * Whether a sandbox purchase, which costs nothing, may credit this user. On a test deployment every
 * user; on a live one only those of STORE_REVIEWER_UIDS, because the stores' reviewers buy in the
 * sandbox. The row then has mode `test`.
 */
export function mayUseSandbox(uid: string, mode: PaymentsMode, environment?: Environment): boolean {
  return mode === 'test' || readEnvironment(schema, environment).STORE_REVIEWER_UIDS.includes(uid);
}
