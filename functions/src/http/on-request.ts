import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Expression } from 'firebase-functions/params';
import { RESET_VALUE } from 'firebase-functions/v2/options';
import type { webhookOptions } from '../config/options';
import { leaveDomain } from '../domain';
import type { Published } from './call';
import { untilDone } from './last-resort';

/** A request as the functions framework hands it over; `rawBody` is absent without a body. */
export type FrameworkRequest = IncomingMessage & { readonly rawBody?: Buffer };

export type Handler = (request: FrameworkRequest, response: ServerResponse) => Promise<void>;

/** A handler with its part of `docs/openapi.json`. */
export type PublishedHandler = Handler & { readonly published: Published };

export type RequestOptions = Omit<typeof webhookOptions, 'maxInstances'> & {
  readonly maxInstances: number;
  readonly omit?: Expression<boolean>;
  /** Names of secrets. */
  readonly secrets: readonly string[];
};

/**
 * Declares an HTTP function of the second generation. A test compares the manifest entry with the
 * one that `onRequest` of `firebase-functions/v2/https` writes. That module is not used, because it
 * imports `firebase-admin/auth`, which takes a third of the cold start of a webhook and is not needed
 * there. A reset value (`null` in the manifest) removes a setting made by hand in the console.
 */
export function onRequest(options: RequestOptions, handler: PublishedHandler): PublishedHandler {
  const { region, memory, secrets, invoker, serviceAccount, ingressSettings, ...same } = options;
  const endpoint = {
    ...same,
    platform: 'gcfv2',
    region: [region],
    availableMemoryMb: Number.parseInt(memory, 10) * (memory.endsWith('GiB') ? 1024 : 1),
    secretEnvironmentVariables: secrets.map((key) => ({ key })),
    serviceAccountEmail: serviceAccount ?? RESET_VALUE,
    ingressSettings: ingressSettings ?? RESET_VALUE,
    vpc: RESET_VALUE,
    labels: {},
    httpsTrigger: { invoker: [invoker] },
  };
  const deployed: Handler = (request, response) => {
    leaveDomain();
    return untilDone(response, () => handler(request, response));
  };
  return Object.assign(deployed, { __endpoint: endpoint, published: handler.published });
}
