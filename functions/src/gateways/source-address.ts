import { Unauthentic } from '../errors';
import type { WebhookRequest } from '../gateway';

/**
 * Holds a request against the addresses that its gateway sends from. A second lock: without
 * TRUSTED_PROXY_HEADER nobody knows the address, and the signature alone must do.
 * @throws Unauthentic when the address is known and is another.
 */
export function checkSourceAddress(
  { clientAddress }: WebhookRequest,
  allowed: readonly string[],
): void {
  if (clientAddress === undefined || allowed.includes(clientAddress)) return;
  throw new Unauthentic('The request does not come from an address of the gateway.');
}
