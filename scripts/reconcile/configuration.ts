import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { givenVariables } from '../stack/emulators.ts';
import { bypassProxies } from '../stack/proxies.ts';
import { origin, ports, PROJECT } from '../stack/values.ts';

/** The Firebase CLI's own reader: other readers cut other comments off, and keep other quotes. */
const { parse } = createRequire(import.meta.url)('firebase-tools/lib/functions/env.js') as {
  parse: (text: string) => { readonly envs: Readonly<Record<string, string>> };
};

/**
 * Configures this process as the functions of the developer's stack.
 * @throws when the stack was never up.
 */
export function configureStack(): void {
  bypassProxies();
  Object.assign(process.env, givenVariables(), {
    GCLOUD_PROJECT: PROJECT,
    FIREBASE_CONFIG: JSON.stringify({ projectId: PROJECT }),
  });
  process.env['FIRESTORE_EMULATOR_HOST'] ??= new URL(origin(ports.firestore)).host;
}

/**
 * Configures this process as the functions that are deployed to a project: by `functions/.env`, over it
 * `functions/.env.<project>`, over it `functions/.env.<alias>` of `.firebaserc`, over all the environment.
 */
export function configureProject(project: string): void {
  const given = { ...process.env };
  const files = ['', `.${project}`, ...aliasesOf(project).map((alias) => `.${alias}`)]
    .map((end) => `functions/.env${end}`)
    .filter((path) => existsSync(path));
  for (const path of files) Object.assign(process.env, parse(readFileSync(path, 'utf8')).envs);
  Object.assign(process.env, given, {
    GCLOUD_PROJECT: project,
    FIREBASE_CONFIG: JSON.stringify({ projectId: project }),
  });
}

function aliasesOf(project: string): string[] {
  if (!existsSync('.firebaserc')) return [];
  const { projects = {} } = JSON.parse(readFileSync('.firebaserc', 'utf8')) as {
    projects?: Readonly<Record<string, string>>;
  };
  return Object.keys(projects).filter((alias) => projects[alias] === project);
}

/**
 * Brings secrets into the environment that are not in it.
 * @throws when the user may not read one.
 */
export function readSecrets(names: readonly string[]): void {
  for (const name of names) {
    const secret = readSecret(name);
    if (secret === undefined) {
      throw new Error(
        `The secret ${name} cannot be read: sign in with npx firebase login as a user who may, or set ${name}.`,
      );
    }
    process.env[name] = secret;
  }
}

/**
 * Reads a secret from the environment, or else from the project's Secret Manager. Undefined when it is
 * not there, or the user may not read it.
 */
export function readSecret(name: string): string | undefined {
  const given = process.env[name];
  if (given?.trim()) return given;
  try {
    return readKeptSecret(name);
  } catch {
    return undefined;
  }
}

/**
 * Reads a secret from the project's Secret Manager, as the signed-in user of the Firebase CLI.
 * @returns undefined when it is not there.
 * @throws Error with the CLI's reason when it cannot be read: a value may be there.
 */
export function readKeptSecret(name: string): string | undefined {
  const args = ['functions:secrets:access', name, '--project', process.env['GCLOUD_PROJECT'] ?? ''];
  const { status, stdout, error } = spawnSync('node_modules/.bin/firebase', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (status === 0) return stdout.replace(/\n$/, '');
  // The CLI writes its errors to the standard output.
  const reason = /Error: .*$/m.exec(error?.message ?? stdout)?.[0] ?? '';
  if (reason.includes('HTTP Error: 404')) return undefined;
  throw new Error(
    `The secret ${name} cannot be read, so it is not replaced: sign in with npx firebase login as a user with roles/secretmanager.admin. ${reason}`,
  );
}
