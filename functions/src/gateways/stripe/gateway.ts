import type { Gateway } from '../../gateway';
import { StripeApi } from './api';
import { readConfig } from './config';
import { parseEvent, type StripeEvent } from './events';
import { readMovements } from './movements';
import { checkSignature } from './signature';

export interface GatewayDeps {
  readonly now: () => Date;
}

/** @throws Misconfigured when a variable or a secret is missing or wrong. */
export function openGateway(deps: Partial<GatewayDeps> = {}): Gateway<StripeEvent> {
  const config = readConfig();
  const { now = () => new Date() } = deps;
  const api = new StripeApi(config);
  return {
    verify: async (request) => {
      checkSignature(request, config.webhookSecrets, now());
      return parseEvent(request.body);
    },
    movements: (event) => readMovements(event, { api, mode: config.mode }),
  };
}
