import { Unauthentic } from '../errors';
import type { WebhookRequest } from '../gateway';

/**
 * Checks that a request comes from an address of its gateway. The check adds to the signature, and is
 * skipped without TRUSTED_PROXY_HEADER, because the address is then unknown.
 * @throws Unauthentic when the address is known and is not the gateway's.
 */
export function checkSourceAddress(
  { clientAddress }: WebhookRequest,
  allowed: readonly string[],
): void {
  if (clientAddress === undefined || allowed.includes(clientAddress)) return;
  throw new Unauthentic('The request does not come from an address of the gateway.');
}
