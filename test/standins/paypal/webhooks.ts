import type { Call, Reply } from '../http.ts';

/** https://developer.paypal.com/docs/api/webhooks/v1/ */
export interface Webhook {
  id: string;
  url: string;
  event_types: { name: string }[];
}

/** Of one app. */
const MOST_WEBHOOKS = 10;
const PATH = '/v1/notifications/webhooks';

/** The webhooks of the app, as the API makes and changes them. */
export class Webhooks {
  #all: Webhook[] = [];
  #count = 0;

  all(): readonly Webhook[] {
    return this.#all;
  }

  clear(): void {
    this.#all = [];
  }

  /** Undefined for a request about something else. */
  answer({ method, path, body }: Call): Reply | undefined {
    const [, id] = new RegExp(`^${PATH}(?:/([^/]+))?$`).exec(path) ?? [undefined, undefined];
    if (id === undefined) {
      if (path !== PATH) return undefined;
      if (method === 'GET') return { status: 200, body: { webhooks: this.#all } };
      if (method === 'POST') return this.#create(JSON.parse(body) as Omit<Webhook, 'id'>);
      return refused(404, 'RESOURCE_NOT_FOUND');
    }
    const webhook = this.#all.find((one) => one.id === id);
    if (webhook === undefined) return refused(404, 'INVALID_RESOURCE_ID');
    if (method === 'GET') return { status: 200, body: webhook };
    if (method === 'PATCH') return this.#patch(webhook, JSON.parse(body) as Patch[]);
    if (method !== 'DELETE') return refused(404, 'RESOURCE_NOT_FOUND');
    this.#all = this.#all.filter((one) => one !== webhook);
    return { status: 204 };
  }

  #create({ url, event_types: types }: Omit<Webhook, 'id'>): Reply {
    const wrong = this.#check({ url, event_types: types });
    if (wrong !== undefined) return wrong;
    if (this.#all.length >= MOST_WEBHOOKS) return refused(400, 'WEBHOOK_NUMBER_LIMIT_EXCEEDED');
    this.#count += 1;
    const webhook = {
      id: `WEBHOOK${String(this.#count).padStart(10, '0')}`,
      url,
      event_types: types,
    };
    this.#all.push(webhook);
    return { status: 201, body: webhook };
  }

  /** Only whole fields are replaced, and a patch that changes nothing is refused. */
  #patch(webhook: Webhook, patches: readonly Patch[]): Reply {
    const changed = { ...webhook };
    for (const { op, path, value } of patches) {
      if (op !== 'replace') return refused(400, 'VALIDATION_ERROR');
      if (path === '/url') changed.url = value as string;
      else if (path === '/event_types') changed.event_types = value as Webhook['event_types'];
      else return refused(400, 'VALIDATION_ERROR');
    }
    if (JSON.stringify(changed) === JSON.stringify(webhook)) {
      return refused(400, 'WEBHOOK_PATCH_REQUEST_NO_CHANGE');
    }
    const wrong = this.#check(changed, webhook);
    if (wrong !== undefined) return wrong;
    return { status: 200, body: Object.assign(webhook, changed) };
  }

  #check({ url, event_types: types }: Omit<Webhook, 'id'>, self?: Webhook): Reply | undefined {
    const isKnown = ({ name }: { name: string }) =>
      name === '*' || /^[A-Z-]+(\.[A-Z-]+)+$/.test(name);
    if (!url.startsWith('https://') || types.length === 0 || !types.every(isKnown)) {
      return refused(400, 'VALIDATION_ERROR');
    }
    const isTaken = this.#all.some((one) => one !== self && one.url === url);
    return isTaken ? refused(400, 'WEBHOOK_URL_ALREADY_EXISTS') : undefined;
  }
}

interface Patch {
  op: string;
  path: string;
  value: unknown;
}

/** This API names the error itself, and not in details. */
function refused(status: number, name: string): Reply {
  return { status, body: { name, message: 'n/a', debug_id: 'f00dbabe00002', links: [] } };
}
