import type { ServerResponse } from 'node:http';
import { readSettings } from '../config/settings';
import { Parkable } from '../errors';
import type { Gateway, GatewayEvent } from '../gateway';
import { log } from '../log';
import { once } from '../once';
import { openPipeline, park, ingest, type Pipeline } from '../pipeline';
import type { Handler, PublishedHandler } from './on-request';
import { readRequest } from './request';
import { respondError } from './respond';

const openSettings = once(() => readSettings());

/**
 * Makes the handler of a gateway's webhook, the same for every gateway: it verifies the event, stores
 * and pushes its movements, and only then tells the gateway that we have it.
 * @param contentType of the gateway's requests, for `docs/openapi.json`; any body is read as bytes.
 * @param open loads the gateway and its SDK; called on the first event.
 */
export function webhook<Event extends GatewayEvent>(
  name: string,
  contentType: string,
  open: () => Promise<Gateway<Event>>,
): PublishedHandler {
  const handler: Handler = async (request, response) => {
    try {
      const { trustedProxyHeader } = await openSettings();
      const received = readRequest(request, 'POST', trustedProxyHeader);
      const gateway = await open();
      const event = await gateway.verify(received);
      await store(await openPipeline(), name, gateway, event);
      acknowledge(response, gateway, event);
    } catch (error) {
      log.failure(error, { gateway: name });
      respondError(response, error);
    }
  };
  return Object.assign(handler, { published: { kind: 'webhook', contentType } as const });
}

async function store<Event extends GatewayEvent>(
  pipeline: Pipeline,
  name: string,
  gateway: Gateway<Event>,
  event: Event,
): Promise<void> {
  const report = { gateway: name, event: gateway.trace?.(event) ?? event };
  try {
    await ingest(pipeline, report, await gateway.movements(event));
  } catch (error) {
    if (!(error instanceof Parkable)) throw error;
    await park(pipeline, report, error);
  }
}

function acknowledge<Event extends GatewayEvent>(
  response: ServerResponse,
  gateway: Gateway<Event>,
  event: Event,
): void {
  const words = gateway.acknowledge?.(event);
  response.writeHead(200, { 'content-type': words?.contentType ?? 'text/plain' });
  response.end(words?.body);
}
