import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { CloudProject, Json } from '../standins/control-plane/project.ts';
import { Run } from './run.ts';
import { unzip } from './unzip.ts';

/** Unpacks the source of a deployed function into a folder, as the build of Cloud Functions does. */
export function unpack(project: CloudProject, name: string, folder: string): void {
  const { source } = deployed(project, name)['buildConfig'] as { source: { storageSource: Json } };
  const { bucket, object } = source.storageSource;
  const archive = project.uploads.get(`${String(bucket)}/${String(object)}`);
  if (archive === undefined) throw new Error(`the source of ${name} was not uploaded`);
  for (const [path, content] of unzip(archive)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/**
 * In place of `npm ci --omit=dev`, which would fetch them: the packages that the lock file of an unpacked
 * source asks for, and no others, linked to those that are installed here.
 */
export function link(folder: string): void {
  const lockFile = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lockFile) as { packages: Record<string, { dev?: boolean }> };
  for (const [path, { dev }] of Object.entries(packages)) {
    if (dev === true || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path)) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(resolve('functions', path), join(folder, path));
  }
}

/**
 * Starts a deployed function as Cloud Run does: its source, its variables and its secrets, and nothing
 * of this process. Resolves to its address when it answers; `endRuns` ends it.
 * @param beside variables in place of what the platform gives: where Firestore is.
 */
export async function start(
  project: CloudProject,
  name: string,
  folder: string,
  port: number,
  beside: Readonly<Record<string, string>>,
): Promise<string> {
  const service = deployed(project, name)['serviceConfig'] as {
    environmentVariables: Record<string, string>;
    secretEnvironmentVariables?: { key: string; secret: string; version: string }[];
  };
  const secrets = (service.secretEnvironmentVariables ?? []).map(({ key, secret, version }) => {
    const versions = project.secretVersions.get(`projects/${project.id}/secrets/${secret}`);
    return [key, String(versions?.[Number(version) - 1])];
  });
  const main = resolve('node_modules/@google-cloud/functions-framework/build/src/main.js');
  const environment = {
    PATH: process.env['PATH'] ?? '',
    ...service.environmentVariables,
    ...(Object.fromEntries(secrets) as Record<string, string>),
    K_SERVICE: name.toLowerCase(),
    PORT: String(port),
    ...beside,
  };
  const run = new Run([main], environment, { cwd: folder, inherits: false });
  await run.prints('Serving function');
  return `http://127.0.0.1:${port}`;
}

function deployed(project: CloudProject, name: string): Json {
  const found = [...project.functions].find(([path]) => path.endsWith(`/functions/${name}`));
  if (found === undefined) throw new Error(`${name} is not deployed`);
  return found[1];
}
