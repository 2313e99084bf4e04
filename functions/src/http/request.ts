import { MethodNotAllowed } from '../errors';
import type { WebhookRequest } from '../gateway';
import { checkBody } from './body-limit';
import type { FrameworkRequest } from './on-request';

/**
 * Reads a request of the expected method.
 * @param trustedProxyHeader a header whose last entry our own proxy has written: the address that
 *   called it. The caller may have written the entries before.
 * @throws MethodNotAllowed for another method; the errors of `checkBody` for a refused body.
 */
export function readRequest(
  request: FrameworkRequest,
  expected: 'GET' | 'POST' | 'DELETE',
  trustedProxyHeader?: string,
): WebhookRequest {
  const { method = '', headers, rawBody: body = Buffer.alloc(0) } = request;
  if (method !== expected) throw new MethodNotAllowed(expected);
  checkBody(request);
  if (trustedProxyHeader === undefined) return { method, headers, body };
  const hops = String(headers[trustedProxyHeader] ?? '').split(',');
  return { method, headers, body, clientAddress: hops.at(-1)?.trim() ?? '' };
}
