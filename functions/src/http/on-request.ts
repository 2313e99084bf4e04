import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Expression } from 'firebase-functions/params';
import { RESET_VALUE } from 'firebase-functions/v2/options';
import type { webhookOptions } from '../config/options';
import type { Published } from './call';

/** A request as the functions framework hands it over; `rawBody` is absent without a body. */
export type FrameworkRequest = IncomingMessage & { readonly rawBody?: Buffer };

export type Handler = (request: FrameworkRequest, response: ServerResponse) => Promise<void>;

/** A handler that says what it is, for `docs/openapi.json`. */
export type PublishedHandler = Handler & { readonly published: Published };

export type RequestOptions = typeof webhookOptions & {
  readonly omit?: Expression<boolean>;
  /** Names of secrets. */
  readonly secrets: readonly string[];
};

/**
 * Declares an HTTP function of the second generation. The same manifest entry as by `onRequest` of
 * `firebase-functions/v2/https`, which a test holds it to, without what that module brings along:
 * it imports `firebase-admin/auth`, a third of the cold start of a webhook that has no use for it.
 * What is reset here (`null` in the manifest) forgets what was set by hand in the console.
 */
export function onRequest(options: RequestOptions, handler: PublishedHandler): PublishedHandler {
  const { region, memory, secrets, invoker, ...same } = options;
  const endpoint = {
    ...same,
    platform: 'gcfv2',
    region: [region],
    availableMemoryMb: Number.parseInt(memory, 10),
    secretEnvironmentVariables: secrets.map((key) => ({ key })),
    serviceAccountEmail: RESET_VALUE,
    ingressSettings: RESET_VALUE,
    vpc: RESET_VALUE,
    labels: {},
    httpsTrigger: { invoker: [invoker] },
  };
  const deployed: Handler = (request, response) => handler(request, response);
  return Object.assign(deployed, { __endpoint: endpoint, published: handler.published });
}
