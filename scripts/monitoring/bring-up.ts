import { isAsIn } from '../google/as-in.ts';
import { part, type GoogleClient, type Json } from '../google/client.ts';
import { readMonitoring, type Place } from './files.ts';

/** Told of each step as it is done. */
export type Report = (line: string) => void;

/** A kind of thing that Google keeps: where its list is, and which role may write it. */
interface Kind {
  readonly title: string;
  readonly url: string;
  /** The field of the list's answer that has the entries. */
  readonly key: string;
  readonly role: string;
  /** Fields that are set once, when it is made. */
  readonly fixed?: readonly string[];
  /** How one that is there is changed. */
  readonly change: { readonly method: 'PATCH' | 'PUT'; readonly url: (found: Json) => string };
}

const MONITORING = 'https://monitoring.googleapis.com';
const LOGGING = 'https://logging.googleapis.com/v2';

const byName = (version: string) => ({
  method: 'PATCH' as const,
  url: ({ name }: Json) => `${MONITORING}/${version}/${String(name)}`,
});

/** The REST references: https://docs.cloud.google.com/monitoring/api/ref_v3/rest and …/logging/docs/reference/v2/rest */
function kindsOf(project: string) {
  const v3 = `${MONITORING}/v3/projects/${part(project)}`;
  const metrics = `${LOGGING}/projects/${part(project)}/metrics`;
  const kind = (title: string, key: string) => ({
    title,
    key,
    url: `${v3}/${key}`,
    role: 'roles/monitoring.editor',
    change: byName('v3'),
  });
  return {
    channel: kind('notification channel', 'notificationChannels'),
    metric: {
      title: 'log-based metric',
      key: 'metrics',
      url: metrics,
      role: 'roles/logging.configWriter',
      change: { method: 'PUT', url: ({ name }: Json) => `${metrics}/${part(String(name))}` },
    },
    uptime: { ...kind('uptime check', 'uptimeCheckConfigs'), fixed: ['monitoredResource'] },
    policy: kind('alert policy', 'alertPolicies'),
    dashboard: {
      ...kind('dashboard', 'dashboards'),
      url: `${MONITORING}/v1/projects/${part(project)}/dashboards`,
      change: byName('v1'),
    },
  } satisfies Record<string, Kind>;
}

/**
 * Makes what `monitoring/` says, or corrects what is there. What a person has added stays: channels of a
 * policy, and whatever is not ours.
 * @param email where alerts go.
 * @throws GoogleRefusal, with the role or the API that is missing.
 */
export async function bringUp(
  google: GoogleClient,
  place: Place,
  email: string,
  report: Report,
): Promise<void> {
  const kinds = kindsOf(place.project);
  const { metrics, uptime, dashboard } = readMonitoring(place);
  const labels = { email_address: email };
  const channel = await bring(google, report, kinds.channel, {
    wanted: { type: 'email', displayName: `Payments: ${email}`, labels },
    isSame: (found) => found['type'] === 'email' && isAsIn(labels, found['labels']),
  });
  for (const wanted of metrics) {
    const isSame = ({ name }: Json) => name === wanted['name'];
    await bring(google, report, kinds.metric, { wanted, isSame });
  }
  const check = await bring(google, report, kinds.uptime, {
    wanted: uptime,
    isSame: hasLabels(uptime),
  });
  const id = String(check['name']).split('/').at(-1) ?? '';
  for (const wanted of readMonitoring({ ...place, check: id }).policies) {
    const isSame = hasLabels(wanted);
    await bring(google, report, kinds.policy, { wanted, isSame, channel: String(channel['name']) });
  }
  const isSame = (found: Json) => found['displayName'] === dashboard['displayName'];
  await bring(google, report, kinds.dashboard, { wanted: dashboard, isSame });
}

/** Ours is known by its label, whatever a person calls it. */
function hasLabels({ userLabels }: Json) {
  return (found: Json) => isAsIn(userLabels, found['userLabels']);
}

interface Task {
  readonly wanted: Json;
  /** Whether one that is there is the one that is wanted. */
  readonly isSame: (found: Json) => boolean;
  /** Joins the channels that are there. */
  readonly channel?: string;
}

/** Resolves to what is kept afterwards. */
async function bring(
  google: GoogleClient,
  report: Report,
  kind: Kind,
  { wanted, isSame, channel }: Task,
): Promise<Json> {
  const { title, url, key, role, fixed = [], change } = kind;
  const name = String(wanted['displayName'] ?? wanted['name']);
  const found = (await google.list(url, key, role)).find(isSame);
  const known = (found?.['notificationChannels'] as string[] | undefined) ?? [];
  const channels =
    channel === undefined ? {} : { notificationChannels: [...new Set([...known, channel])] };
  const full = { ...wanted, ...channels };
  if (found === undefined) {
    const made = await google.call(url, role, 'POST', full);
    report(`made       ${title} ${name}`);
    return made;
  }
  const wrong = Object.entries(full).filter(([field, value]) => !isAsIn(value, found[field]));
  const stuck = wrong.find(([field]) => fixed.includes(field));
  if (stuck !== undefined) {
    throw new Error(
      `The ${title} ${name} has another ${stuck[0]}: delete it in the console, and repeat.`,
    );
  }
  if (wrong.length === 0) {
    report(`is there   ${title} ${name}`);
    return found;
  }
  const kept = Object.fromEntries(
    ['name', 'etag'].flatMap((field) => (field in found ? [[field, found[field]]] : [])),
  );
  const changed = await google.call(change.url(found), role, change.method, { ...full, ...kept });
  report(`corrected  ${title} ${name}: ${wrong.map(([field]) => field).join(', ')}`);
  return changed;
}
