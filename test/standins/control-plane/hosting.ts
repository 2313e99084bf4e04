import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Call, Reply } from '../http.ts';
import { bodyOf, checkFields, existing, masked, ok, Refused } from './answers.ts';
import type { Api, CloudProject, Json } from './project.ts';

/**
 * https://firebase.google.com/docs/reference/hosting/rest, with the default site of the project, which has
 * the project's name.
 */
export function hostingApi(project: CloudProject): Api {
  const site = `projects/${project.id}/sites/${project.id}`;
  return (call) => {
    const { method, path } = call;
    if (!path.startsWith(`/v1beta1/${site}`)) return undefined;
    const rest = path.slice(`/v1beta1/${site}`.length);
    if (rest === '') return ok({ name: site, type: 'DEFAULT_SITE' });
    if (rest === '/versions' && method === 'POST') return createVersion(project, site, call);
    if (rest === '/channels/live/releases') return release(project, call);
    const [, name = '', act] = /^\/v1beta1\/(.+\/versions\/[^/:]+)(:.+)?$/.exec(path) ?? [];
    const version = existing(project.versions, name);
    if (act === ':populateFiles') return populate(project, name, version, call);
    if (method === 'PATCH') return finalize(project, name, version, call);
    return ok(version);
  };
}

/** Where the files of a version are sent, each compressed and named by its hash. */
export function hostingUploadApi(project: CloudProject): Api {
  return ({ path, bytes }) => {
    const hash = /^\/upload\/.+\/files\/([0-9a-f]{64})$/.exec(path)?.[1];
    if (hash === undefined) return undefined;
    if (createHash('sha256').update(bytes).digest('hex') !== hash) {
      throw new Refused('INVALID_ARGUMENT', 'The content hash does not match.');
    }
    project.files.set(hash, gunzipSync(bytes));
    return ok();
  };
}

function createVersion(project: CloudProject, site: string, call: Call): Reply {
  const version = bodyOf(call);
  checkFields(version, ['status', 'labels', 'config'], 'version');
  const name = `${site}/versions/${project.next()}`;
  project.versions.set(name, { ...version, name, files: {} });
  return ok({ ...version, name });
}

function populate(project: CloudProject, name: string, version: Json, call: Call): Reply {
  const { files } = bodyOf(call) as { files: Record<string, string> };
  project.versions.set(name, { ...version, files });
  const uploadUrl = `https://upload-firebasehosting.googleapis.com/upload/${name}/files`;
  return ok({ uploadRequiredHashes: missing(project, files), uploadUrl });
}

function finalize(project: CloudProject, name: string, version: Json, call: Call): Reply {
  const changed = { ...masked(version, bodyOf(call), call.query.get('updateMask')), name };
  if (missing(project, version['files'] as Record<string, string>).length > 0) {
    throw new Refused('FAILED_PRECONDITION', 'Files of the version are not uploaded.');
  }
  project.versions.set(name, changed);
  return ok(changed);
}

function missing(project: CloudProject, files: Readonly<Record<string, string>>): string[] {
  return Object.values(files).filter((hash) => !project.files.has(hash));
}

function release(project: CloudProject, call: Call): Reply {
  const name = call.query.get('versionName') ?? '';
  if (existing(project.versions, name)['status'] !== 'FINALIZED') {
    throw new Refused('FAILED_PRECONDITION', 'The version is not finalized.');
  }
  project.hosted = name;
  return ok({ name: `${name}/releases/${project.next()}`, version: { name } });
}
