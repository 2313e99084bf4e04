import { z } from 'zod';
import { flag, readEnvironment, type Environment } from './environment';

const schema = z.object({ ANONYMOUS_USERS_MAY_PAY: flag.default(true) });

/**
 * Whether an anonymous user may place an order. Store purchases are no orders: the buyer has paid the
 * store before we hear of it.
 * @throws Misconfigured when the variable is neither true nor false.
 */
export function mayAnonymousUsersPay(environment?: Environment): boolean {
  return readEnvironment(schema, environment).ANONYMOUS_USERS_MAY_PAY;
}
