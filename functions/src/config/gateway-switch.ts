import { defineString, select } from 'firebase-functions/params';
import type { Expression } from 'firebase-functions/params';
import { z } from 'zod';
import { readEnvironment, type Environment } from './environment';

const states = ['true', 'draining', 'false'] as const;

const state = z.enum(states, { error: 'must be true, draining or false' }).default('false');

/** The switch of a gateway: on, off, or draining. */
export interface GatewaySwitch {
  /** Leaves the functions out of a deployment where the gateway is off. */
  readonly omit: Expression<boolean>;
  /**
   * Whether new orders are placed. A gateway that is draining places none, and still hears of the
   * payments, refunds and disputes of its old ones.
   * @throws Misconfigured for a value that is no state.
   */
  readonly takesOrders: (environment?: Environment) => boolean;
}

/**
 * Declares the switch of a gateway.
 * @param name the variable: `true`, `draining` or `false`. A blank one is off. A misspelt one deploys
 *   the gateway, which then takes no orders: a misspelt word must not take the webhook away.
 */
export function gatewaySwitch(name: `${string}_ENABLED`): GatewaySwitch {
  const parameter = defineString(name, { default: 'false', input: select([...states]) });
  const schema = z.object({ [name]: state });
  return {
    omit: parameter.equals('false').thenElse(true, parameter.equals('').thenElse(true, false)),
    takesOrders: (environment) => readEnvironment(schema, environment)[name] !== 'draining',
  };
}
