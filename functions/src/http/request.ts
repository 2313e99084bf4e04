import { MethodNotAllowed } from '../errors';
import type { WebhookRequest } from '../gateways/gateway';
import type { FrameworkRequest } from './on-request';

/** @throws MethodNotAllowed for any method but POST. */
export function readPost(request: FrameworkRequest): WebhookRequest {
  const { method = '', headers, rawBody: body = Buffer.alloc(0) } = request;
  if (method !== 'POST') throw new MethodNotAllowed('POST');
  return { method, headers, body };
}
