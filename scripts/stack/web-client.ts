import { startWebClient } from '../../test/web-client/server.ts';
import type { Surroundings } from '../../test/web-client/surroundings.ts';
import { payeer } from './gateways/payeer.ts';
import { stripe } from './gateways/stripe.ts';
import { functionsUrl, origin, ports, PROJECT } from './values.ts';

const surroundings: Surroundings = {
  functionsUrl,
  authUrl: origin(ports.auth),
  projectId: PROJECT,
  stripeUrl: origin(stripe.port),
  payeerUrl: origin(payeer.port),
};

/** Serves the page that pays on the stack; only at its own port the functions let it call them. */
export function openWebClient(port: number = ports.webClient) {
  return startWebClient(surroundings, port);
}
