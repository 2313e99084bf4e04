import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { readSettings } from '../config/settings';
import { Parkable, PayloadTooLarge, Unauthentic } from '../errors';
import type { Gateway, GatewayEvent, WebhookRequest } from '../gateway';
import { log } from '../log';
import { once } from '../once';
import { openPipeline, park, ingest, type Pipeline } from '../pipeline';
import { Door } from './door';
import type { Handler, PublishedHandler } from './on-request';
import { readRequest } from './request';
import { respondError } from './respond';

const openSettings = once(() => readSettings());

export interface WebhookOptions {
  readonly contentType: string;
  readonly maxBytes: number;
  readonly provenBy: string;
  /** Set where `verify` looks at the address of the caller: Hosting does not tell it. */
  readonly isHeldToAddresses?: boolean;
}

/**
 * Makes the handler of a gateway's webhook, the same for every gateway: it verifies the event, stores
 * and pushes its movements, and only then tells the gateway that we have it.
 * @param requests the gateway's requests: their content type, for `docs/openapi.json` (any body is read
 *   as bytes), and the most bytes that a body may have. A stranger's body costs time before its
 *   signature is found to be missing, so the limit is not far above what the gateway sends. `provenBy`
 *   names the settings that an event is proven with.
 * @param open loads the gateway and its SDK; called on the first event.
 */
export function webhook<Event extends GatewayEvent>(
  name: string,
  { contentType, maxBytes, provenBy, isHeldToAddresses = false }: WebhookOptions,
  open: () => Promise<Gateway<Event>>,
): PublishedHandler {
  const door = new Door(() => new Date());
  const handler: Handler = async (request, response) => {
    try {
      const { trustedProxyHeader } = await openSettings();
      const received = readRequest(request, 'POST', trustedProxyHeader);
      if (received.body.length > maxBytes) {
        throw new PayloadTooLarge(`An event may have ${maxBytes} bytes.`);
      }
      const gateway = await open();
      const event = await verified(name, gateway, received);
      door.open();
      if (event !== undefined) await store(await openPipeline(), name, gateway, event);
      acknowledge(response, gateway, event);
    } catch (error) {
      log.failure(error, { gateway: name });
      if (error instanceof Unauthentic && door.refuse()) {
        log.alert(`no event is proven, and all are refused: check ${provenBy}`, {
          gateway: name,
          next_step: `Compare ${provenBy} with the gateway's dashboard, put it right and deploy.`,
        });
      }
      respondError(response, error);
    }
  };
  return Object.assign(handler, {
    published: { kind: 'webhook', contentType, isHeldToAddresses } as const,
  });
}

/**
 * Undefined for an event that is authentic and unreadable: it is parked under the id that the gateway
 * could still tell, or else under the hash of its bytes.
 */
async function verified<Event extends GatewayEvent>(
  name: string,
  gateway: Gateway<Event>,
  request: WebhookRequest,
): Promise<Event | undefined> {
  try {
    return await gateway.verify(request);
  } catch (error) {
    if (!(error instanceof Parkable)) throw error;
    const id = error.about ?? createHash('sha256').update(request.body).digest('hex').slice(0, 32);
    await park(await openPipeline(), { gateway: name, event: { id, type: 'unreadable' } }, error);
    return undefined;
  }
}

async function store<Event extends GatewayEvent>(
  pipeline: Pipeline,
  name: string,
  gateway: Gateway<Event>,
  event: Event,
): Promise<void> {
  const report = { gateway: name, event: gateway.trace?.(event) ?? event };
  const payment = gateway.subjectOf?.(report.event);
  try {
    await ingest(pipeline, report, await gateway.movements(event), { payment });
  } catch (error) {
    if (!(error instanceof Parkable)) throw error;
    await park(pipeline, report, error, { payment });
  }
}

function acknowledge<Event extends GatewayEvent>(
  response: ServerResponse,
  gateway: Gateway<Event>,
  event: Event | undefined,
): void {
  const words = event && gateway.acknowledge?.(event);
  response.writeHead(200, { 'content-type': words?.contentType ?? 'text/plain' });
  response.end(words?.body);
}
