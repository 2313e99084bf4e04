import type { Call, Reply } from '../http.ts';
import {
  assertNew,
  bodyOf,
  checkFields,
  existing,
  masked,
  ok,
  policyReply,
  Refused,
} from './answers.ts';
import type { Api, CloudProject, Json } from './project.ts';

/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets */
export function secretsApi(project: CloudProject): Api {
  const parent = `/v1/projects/${project.id}/secrets`;
  return (call) => {
    const { method, path } = call;
    if (path === parent) return method === 'POST' ? create(project, call) : list(project);
    const [, name = '', rest = ''] =
      /^\/v1\/(projects\/[^/]+\/secrets\/[^/:]+)(.*)$/.exec(path) ?? [];
    if (name === '') return undefined;
    const secret = existing(project.secrets, name);
    if (rest === '' && method === 'PATCH') {
      const mask = call.query.get('updateMask');
      project.secrets.set(name, { ...masked(secret, bodyOf(call), mask), name });
    }
    if (rest === '') return ok(existing(project.secrets, name));
    if (/^:[gs]etIamPolicy$/.test(rest)) return policyReply(project, call, name);
    if (rest === ':addVersion') return addVersion(project, name, call);
    const [, version, act] = /^\/versions\/([^/:]+)(:access)?$/.exec(rest) ?? [];
    return version === undefined ? undefined : read(project, name, version, act);
  };
}

function list(project: CloudProject): Reply {
  return ok({ secrets: [...project.secrets.values()] });
}

function create(project: CloudProject, call: Call): Reply {
  const id = call.query.get('secretId') ?? '';
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(id)) {
    throw new Refused('INVALID_ARGUMENT', `secretId ${id} is not valid.`);
  }
  const name = `projects/${project.id}/secrets/${id}`;
  assertNew(project.secrets, name);
  const secret = bodyOf(call);
  checkFields(secret, ['name', 'replication', 'labels', 'topics', 'annotations', 'ttl'], 'secret');
  if (secret['replication'] === undefined) {
    throw new Refused('INVALID_ARGUMENT', 'Secret.replication is required.');
  }
  project.secrets.set(name, { ...secret, name });
  project.secretVersions.set(name, []);
  return ok(existing(project.secrets, name));
}

function addVersion(project: CloudProject, name: string, call: Call): Reply {
  const { payload } = bodyOf(call) as { payload: { data: string } };
  const data = Buffer.from(payload.data, 'base64');
  if (data.length > 65_536) throw new Refused('INVALID_ARGUMENT', 'The payload is too large.');
  const versions = existing(project.secretVersions, name);
  versions.push(data);
  return ok(toVersion(name, versions.length));
}

function read(project: CloudProject, name: string, version: string, act?: string): Reply {
  const versions = existing(project.secretVersions, name);
  const number = version === 'latest' ? versions.length : Number(version);
  const data = versions[number - 1];
  if (data === undefined) {
    const message = `Secret Version [${name}/versions/${version}] not found.`;
    throw new Refused('NOT_FOUND', message);
  }
  if (act === undefined) return ok(toVersion(name, number));
  return ok({ name: `${name}/versions/${number}`, payload: { data: data.toString('base64') } });
}

function toVersion(name: string, number: number): Json {
  return {
    name: `${name}/versions/${number}`,
    state: 'ENABLED',
    createTime: '2026-01-01T00:00:00Z',
  };
}
