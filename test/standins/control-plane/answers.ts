import type { Call, Reply } from '../http.ts';
import type { CloudProject, Json } from './project.ts';

/** https://cloud.google.com/apis/design/errors#error_model */
const statuses = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
} as const;

/** An answer that says no, as Google's APIs say it. */
export class Refused extends Error {
  readonly status: keyof typeof statuses;

  constructor(status: keyof typeof statuses, message: string) {
    super(message);
    this.status = status;
  }

  toReply(): Reply {
    const code = statuses[this.status];
    return { status: code, body: { error: { code, message: this.message, status: this.status } } };
  }
}

export function ok(body: Json = {}): Reply {
  return { status: 200, body };
}

/** The body of a call. @throws Refused where it is no JSON object. */
export function bodyOf(call: Call): Json {
  try {
    return JSON.parse(call.body || '{}') as Json;
  } catch {
    throw new Refused('INVALID_ARGUMENT', 'Invalid JSON payload received.');
  }
}

/** @throws Refused for a field that the message does not have; Google's APIs know no others. */
export function checkFields(body: unknown, known: readonly string[], at = ''): void {
  for (const name of Object.keys(body ?? {})) {
    if (known.includes(name)) continue;
    const where = at === '' ? '' : ` at '${at}'`;
    const message = `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`;
    throw new Refused('INVALID_ARGUMENT', message);
  }
}

/** What is kept under a name. @throws Refused where there is nothing. */
export function existing<T>(kept: ReadonlyMap<string, T>, name: string): T {
  const found = kept.get(name);
  if (found === undefined) throw new Refused('NOT_FOUND', `Resource ${name} was not found.`);
  return found;
}

/** @throws Refused where something has the name already. */
export function assertNew(kept: ReadonlyMap<string, unknown>, name: string): void {
  if (kept.has(name)) throw new Refused('ALREADY_EXISTS', `Resource ${name} already exists.`);
}

/**
 * Lays the fields of a mask over an object. A field that the mask names and the change lacks is
 * cleared; one that the mask does not name stays (https://google.aip.dev/134).
 */
export function masked(kept: Json, change: Json, mask: string | null): Json {
  const paths = mask?.split(',') ?? Object.keys(change);
  const result = structuredClone(kept);
  for (const path of paths) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let into = result;
    for (const name of names) into = (into[name] ??= {}) as Json;
    const from = names.reduce<Json | undefined>((part, name) => part?.[name] as Json, change);
    if (from?.[last] === undefined) Reflect.deleteProperty(into, last);
    else into[last] = from[last];
  }
  return result;
}

/** Reads or replaces the IAM policy of a resource. */
export function policyReply(project: CloudProject, call: Call, resource: string): Reply {
  if (call.path.endsWith(':getIamPolicy')) return ok(project.policies.get(resource) ?? {});
  const { policy } = bodyOf(call) as { policy: Json };
  checkFields(policy, ['bindings', 'etag', 'version', 'auditConfigs'], 'policy');
  project.policies.set(resource, { ...policy, etag: `etag-${project.next()}` });
  return ok(policy);
}
