import { assertNew, bodyOf, checkFields, existing, masked, ok, Refused } from './answers.ts';
import type { Api, CloudProject, Json } from './project.ts';

const jobFields = [
  ...['name', 'description', 'schedule', 'timeZone', 'retryConfig', 'attemptDeadline'],
  ...['pubsubTarget', 'appEngineHttpTarget', 'httpTarget'],
];
const retryFields = [
  ...['retryCount', 'maxRetryDuration', 'minBackoffDuration', 'maxBackoffDuration', 'maxDoublings'],
];

/** https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs */
export function schedulerApi(project: CloudProject): Api {
  const location = `projects/${project.id}/locations/[^/]+`;
  return (call) => {
    const { method, path, query } = call;
    if (new RegExp(`^/v1/${location}/jobs$`).test(path)) {
      const parent = `${path.slice('/v1/'.length)}/`;
      if (method === 'GET') {
        const jobs = [...project.jobs].filter(([name]) => name.startsWith(parent));
        return ok({ jobs: jobs.map(([, job]) => job) });
      }
      const job = bodyOf(call);
      const name = String(job['name']);
      if (!name.startsWith(parent)) throw new Refused('INVALID_ARGUMENT', 'name is not of parent.');
      assertNew(project.jobs, name);
      return ok(keep(project, name, job));
    }
    const [name] = new RegExp(`^/v1/(${location}/jobs/[^/]+)$`).exec(path)?.slice(1) ?? [];
    if (name === undefined) return undefined;
    const kept = existing(project.jobs, name);
    if (method === 'PATCH') {
      return ok(keep(project, name, masked(kept, bodyOf(call), query.get('updateMask'))));
    }
    if (method === 'DELETE') project.jobs.delete(name);
    return ok(method === 'DELETE' ? {} : kept);
  };
}

/** @throws Refused for a job that the documents do not allow. */
function keep(project: CloudProject, name: string, job: Json): Json {
  checkFields(job, [...jobFields, 'state'], 'job');
  checkFields(job['retryConfig'], retryFields, 'job.retry_config');
  const { uri, oidcToken } = job['httpTarget'] as { uri: string; oidcToken: Json };
  const account = String(oidcToken['serviceAccountEmail']);
  if (!uri.startsWith('https://') || !project.accounts.has(account)) {
    throw new Refused('INVALID_ARGUMENT', 'HttpTarget is not valid.');
  }
  const { attemptDeadline = '180s' } = job as { attemptDeadline?: string };
  const deadline = Number(/^(\d+)s$/.exec(attemptDeadline)?.[1]);
  if (!(deadline >= 15 && deadline <= 1_800)) {
    throw new Refused('INVALID_ARGUMENT', 'Job.attempt_deadline must be between 15s and 1800s.');
  }
  const schedule = String(job['schedule']);
  if (!/^every \d+ (minutes|mins|hours)$|^(\S+ ){4}\S+$/.test(schedule)) {
    throw new Refused('INVALID_ARGUMENT', 'Schedule has an invalid format.');
  }
  const kept = { ...job, name, state: 'ENABLED' };
  project.jobs.set(name, kept);
  return kept;
}
