import type { Call, Reply } from '../http.ts';
import { invalid, notFound, page } from './answers.ts';

type Entry = Record<string, unknown>;

/** A list that Google keeps, by the field of its answer. */
const lists: Readonly<Record<string, { readonly host: string; readonly version: string }>> = {
  notificationChannels: { host: 'monitoring.googleapis.com', version: 'v3' },
  alertPolicies: { host: 'monitoring.googleapis.com', version: 'v3' },
  uptimeCheckConfigs: { host: 'monitoring.googleapis.com', version: 'v3' },
  dashboards: { host: 'monitoring.googleapis.com', version: 'v1' },
  metrics: { host: 'logging.googleapis.com', version: 'v2' },
};

/**
 * What Cloud Monitoring and Cloud Logging keep for a project: channels, policies, checks, dashboards,
 * metrics of the log. Like the real ones it gives names, leaves out fields that have their default, and
 * refuses a policy of the log without a limit of its notifications.
 */
export class Monitoring {
  readonly #project: string;
  readonly kept: Record<string, Entry[]> = {};
  #made = 0;

  constructor(project: string) {
    this.#project = project;
    for (const key of Object.keys(lists)) this.kept[key] = [];
  }

  static serves(host: string): boolean {
    return Object.values(lists).some((one) => one.host === host);
  }

  /** @param path of the call, without the host. */
  answer(call: Call, path: string): Reply {
    const [, version, , project, key = '', id] = path.split('/').map(decodeURIComponent);
    const entries = this.kept[key];
    if (project !== this.#project || entries === undefined || lists[key]?.version !== version) {
      return notFound();
    }
    const body = call.body === '' ? {} : (JSON.parse(call.body) as Entry);
    if (id === undefined) {
      return call.method === 'POST' ? this.#make(key, body) : page(key, entries, call.query);
    }
    const at = entries.findIndex(({ name }) => name === this.#nameOf(key, id));
    const method = key === 'metrics' ? 'PUT' : 'PATCH';
    if (at < 0 || call.method !== method) return notFound();
    const fault = faultOf(key, body);
    if (fault !== undefined) return invalid(fault);
    const changed = { ...stored(body), name: entries[at]?.['name'] };
    if (key === 'uptimeCheckConfigs' && !same(changed, entries[at], 'monitoredResource')) {
      return invalid('Field monitored_resource cannot be changed.');
    }
    entries[at] = changed;
    return { status: 200, body: changed };
  }

  #make(key: string, body: Entry): Reply {
    const fault = faultOf(key, body);
    if (fault !== undefined) return invalid(fault);
    this.#made += 1;
    const name = key === 'metrics' ? body['name'] : this.#nameOf(key, String(this.#made));
    const made: Entry = { ...stored(body), name };
    this.kept[key]?.push(made);
    return { status: 200, body: made };
  }

  /** A metric of the log is named by its id alone. */
  #nameOf(key: string, id: string): string {
    return key === 'metrics' ? id : `projects/${this.#project}/${key}/${id}`;
  }
}

function same(one: Entry | undefined, other: Entry | undefined, field: string): boolean {
  return JSON.stringify(one?.[field]) === JSON.stringify(other?.[field]);
}

/** A field with its default is not said (https://protobuf.dev/programming-guides/json). */
function stored<T>(value: T): T {
  if (Array.isArray(value)) return value.map(stored) as T;
  if (typeof value !== 'object' || value === null) return value;
  const said = Object.entries(value).filter(
    ([, one]) => ![0, false, '', '0s', null].includes(one as string),
  );
  return Object.fromEntries(said.map(([name, one]) => [name, stored(one)])) as T;
}

/** Why it is refused, as the references of the REST resources say it. */
function faultOf(key: string, body: Entry): string | undefined {
  const labels = Object.entries((body['userLabels'] ?? {}) as Record<string, string>);
  if (labels.some((label) => label.some((text) => !/^[a-z0-9_-]{1,63}$/.test(text)))) {
    return 'userLabels: lower-case letters, digits, underscores and dashes';
  }
  if (key === 'alertPolicies') return faultOfPolicy(body);
  if (key === 'metrics' && typeof body['filter'] !== 'string') return 'A metric needs a filter.';
  return undefined;
}

interface Policy {
  readonly combiner?: string;
  readonly conditions?: readonly Readonly<Record<string, unknown>>[];
  readonly alertStrategy?: { readonly notificationRateLimit?: unknown };
}

function faultOfPolicy({ combiner, conditions = [], alertStrategy }: Policy): string | undefined {
  if (combiner === undefined) return 'A policy needs a combiner.';
  if (conditions.length === 0) return 'A policy needs a condition.';
  const ofLog = conditions.filter((one) => 'conditionMatchedLog' in one);
  const isLimited = alertStrategy?.notificationRateLimit !== undefined;
  if (ofLog.length > 0 && conditions.length > 1) return 'A match of the log is the only condition.';
  if (ofLog.length > 0 !== isLimited) {
    return 'notificationRateLimit is needed with a match of the log, and not allowed without one.';
  }
  return undefined;
}
