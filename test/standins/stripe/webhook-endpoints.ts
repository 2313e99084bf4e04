import type { Account } from './account.ts';
import { invalid } from './errors.ts';
import { listIn, textIn, type Form } from './form.ts';
import { page } from './lists.ts';
import type { WebhookEndpoint } from './objects.ts';

/** Of one account and mode (https://docs.stripe.com/webhooks). */
const MOST_ENDPOINTS = 16;

export const CREATE_ENDPOINT_PARAMS = ['api_version', 'description', 'enabled_events', 'url'];
/** The API version of an endpoint cannot be changed. */
export const UPDATE_ENDPOINT_PARAMS = ['description', 'disabled', 'enabled_events', 'url'];

/** Makes an endpoint. Its secret is in this answer, and in no other. */
export function createEndpoint(account: Account, params: Form): WebhookEndpoint {
  if (account.all('webhook_endpoint').length >= MOST_ENDPOINTS) {
    throw invalid('url', `You have reached the maximum of ${MOST_ENDPOINTS} webhook endpoints.`);
  }
  const version = textIn(params, 'api_version') ?? null;
  if (version !== null && !/^20\d\d-\d\d-\d\d(\.[a-z]+)?$/.test(version)) {
    throw invalid('api_version', `Invalid Stripe API version: ${version}`);
  }
  const endpoint = account.add<WebhookEndpoint>({
    id: account.newIdFor('webhook_endpoint'),
    object: 'webhook_endpoint',
    api_version: version,
    application: null,
    created: account.now(),
    description: textIn(params, 'description') ?? null,
    enabled_events: eventsIn(params),
    livemode: account.livemode,
    metadata: {},
    status: 'enabled',
    url: urlIn(account, params),
  });
  return { ...endpoint, secret: account.newId('whsec') };
}

export function updateEndpoint(account: Account, id: string, params: Form): WebhookEndpoint {
  const endpoint = account.get('webhook_endpoint', id);
  const disabled = textIn(params, 'disabled');
  if ('enabled_events' in params) endpoint.enabled_events = eventsIn(params);
  if ('url' in params) endpoint.url = urlIn(account, params);
  if (disabled !== undefined) endpoint.status = disabled === 'true' ? 'disabled' : 'enabled';
  return endpoint;
}

export function deleteEndpoint(account: Account, id: string): object {
  account.remove(account.get('webhook_endpoint', id).id);
  return { id, object: 'webhook_endpoint', deleted: true };
}

export function listEndpoints(account: Account, _id: string, params: Form): object {
  return page(account.all('webhook_endpoint'), params, '/v1/webhook_endpoints');
}

function eventsIn(params: Form): string[] {
  const events = listIn(params, 'enabled_events');
  if (events.length === 0)
    throw invalid('enabled_events', 'Missing required param: enabled_events.');
  const strange = events.find((event) => event !== '*' && !/^[a-z_]+(\.[a-z_]+)+$/.test(event));
  if (strange !== undefined) throw invalid('enabled_events', `Invalid event name: ${strange}`);
  return events;
}

/** Real money is told over https alone. */
function urlIn({ livemode }: Account, params: Form): string {
  const url = textIn(params, 'url') ?? '';
  const isUsable = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isUsable || (livemode && !url.startsWith('https:'))) {
    throw invalid(
      'url',
      'Invalid URL: an explicit scheme (such as https) must be provided.',
      'url_invalid',
    );
  }
  return url;
}
