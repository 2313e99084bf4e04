import { Misconfigured } from '../errors';
import { log } from '../log';
import * as gateways from './gateways';

/**
 * The public keys of the enabled gateways, by their names in the client protocol. A key that is not
 * configured is left out, with an alert: an app can still offer the other gateways. A gateway that is
 * draining is left out, too.
 */
export function readPublicKeys(): Record<string, string> {
  const enabled = Object.values(gateways).filter(({ omit }) => !omit.value());
  return Object.fromEntries(
    enabled.flatMap(({ NAME: gateway, publicKeys, takesOrders }) =>
      Object.entries(publicKeys).flatMap(([name, read]) => {
        try {
          return takesOrders() ? [[name, read()]] : [];
        } catch (error) {
          if (!(error instanceof Misconfigured)) throw error;
          log.failure(error, { function: 'app-getPublicKeys', gateway });
          return [];
        }
      }),
    ),
  );
}
