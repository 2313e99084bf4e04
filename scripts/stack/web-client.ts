import { startWebClient } from '../../test/web-client/server.ts';
import type { Surroundings } from '../../test/web-client/surroundings.ts';
import { payeer } from './gateways/payeer.ts';
import { stripe } from './gateways/stripe.ts';
import type { GoogleControl } from '../../test/standins/google/server.ts';
import { remote } from '../../test/standins/control.ts';
import { functionsUrl, origin, ports, PROJECT } from './values.ts';

const google = remote<GoogleControl>(origin(ports.google));

const surroundings: Surroundings = {
  functionsUrl,
  authUrl: origin(ports.auth),
  projectId: PROJECT,
  stripeUrl: origin(stripe.port),
  payeerUrl: origin(payeer.port),
};

/**
 * Serves the page that pays on the stack; only at its own port the functions let it call them.
 * @param siteKey of reCAPTCHA, where it is on: the page then gets its tokens from the stand-in.
 */
export function openWebClient(port: number = ports.webClient, siteKey = '') {
  return startWebClient(surroundings, port, async (action) => {
    if (siteKey === '') return '';
    const { hostname } = new URL(origin(ports.webClient));
    return google.solve({ siteKey, action, hostname });
  });
}
