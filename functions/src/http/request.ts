import { MethodNotAllowed } from '../errors';
import type { WebhookRequest } from '../gateway';
import { checkBody } from './body-limit';
import type { FrameworkRequest } from './on-request';

/**
 * @param trustedProxyHeader whose last entry is the address that a proxy of ours was called from;
 *   what stands before it, the caller may have written.
 * @throws MethodNotAllowed for any method but the expected one; as `checkBody` for a body that is refused.
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
