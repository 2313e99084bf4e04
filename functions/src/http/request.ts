import { MethodNotAllowed } from '../errors';
import type { WebhookRequest } from '../gateways/gateway';
import { checkBody } from './body-limit';
import type { FrameworkRequest } from './on-request';

/** @throws MethodNotAllowed for any method but POST; as `checkBody` for a body that is refused. */
export function readPost(request: FrameworkRequest): WebhookRequest {
  const { method = '', headers, rawBody: body = Buffer.alloc(0) } = request;
  if (method !== 'POST') throw new MethodNotAllowed('POST');
  checkBody(request);
  return { method, headers, body };
}
