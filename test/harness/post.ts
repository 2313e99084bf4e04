import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { WebhookRequest } from '../../functions/src/gateway.ts';
import type { Handler } from '../../functions/src/http/on-request.ts';

/** What a handler answers to a request, and the bytes of the answer. */
export async function post(
  handler: Handler,
  { method, headers, body }: WebhookRequest,
): Promise<{ status: number; type: unknown; text: string }> {
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method,
    headers,
    rawBody: body,
  });
  const response = new ServerResponse(request);
  let text = '';
  let type: unknown;
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((status: number, given: Record<string, string>) => {
    type = given['content-type'];
    return writeHead(status, given);
  }) as typeof response.writeHead;
  const end = response.end.bind(response);
  response.end = ((chunk?: unknown) => {
    text = typeof chunk === 'string' ? chunk : '';
    return end();
  }) as typeof response.end;
  await handler(request, response);
  return { status: response.statusCode, type, text };
}
