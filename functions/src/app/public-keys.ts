import { Misconfigured } from '../errors';
import { log } from '../log';
import * as gateways from './gateways';

/**
 * What the enabled gateways let every app know, by its name in the client protocol. What one of
 * them cannot tell for want of its configuration is left out, with an alert: an app then cannot
 * offer this gateway, and offers the others.
 */
export function readPublicKeys(): Record<string, string> {
  const enabled = Object.values(gateways).filter(({ omit }) => !omit.value());
  return Object.fromEntries(
    enabled.flatMap(({ NAME: gateway, publicKeys }) =>
      Object.entries(publicKeys).flatMap(([name, read]) => {
        try {
          return [[name, read()]];
        } catch (error) {
          if (!(error instanceof Misconfigured)) throw error;
          log.failure(error, { function: 'app-getPublicKeys', gateway });
          return [];
        }
      }),
    ),
  );
}
