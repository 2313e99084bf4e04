import type { IncomingMessage } from 'node:http';
import { MethodNotAllowed } from '../errors';
import type { WebhookRequest } from '../gateways/gateway';

/** A request as the functions framework hands it over; `rawBody` is absent without a body. */
export type FrameworkRequest = IncomingMessage & { readonly rawBody?: Buffer };

/** @throws MethodNotAllowed for any method but POST. */
export function readPost(request: FrameworkRequest): WebhookRequest {
  const { method = '', headers, rawBody: body = Buffer.alloc(0) } = request;
  if (method !== 'POST') throw new MethodNotAllowed('POST');
  return { method, headers, body };
}
