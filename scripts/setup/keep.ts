import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDeepStrictEqual, parseEnv } from 'node:util';

/**
 * Keeps a secret in the project's Secret Manager, as the signed-in user of the Firebase CLI. The value
 * goes through a pipe, because every user of a machine sees the arguments of a command.
 * @throws Error with the CLI's reason, without the value.
 */
export function keepSecret(project: string, name: string, value: string): void {
  const args = ['functions:secrets:set', name, '--data-file', '-', '--project', project];
  const { status, stdout, error } = spawnSync(
    'node_modules/.bin/firebase',
    [...args, '--non-interactive'],
    { input: value, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] },
  );
  if (status === 0) return;
  // The CLI writes its errors to the standard output.
  const reason = /Error: .*$/m.exec((error?.message ?? stdout).replaceAll(value, '…'))?.[0] ?? '';
  throw new Error(
    `The Firebase CLI could not keep ${name}: sign in with npx firebase login as a user with roles/secretmanager.admin. ${reason}`,
  );
}

const EXAMPLE = 'functions/.env.example';
const SHARED = 'functions/.env';

/** The Firebase CLI's own reader of env files. */
const { parse } = createRequire(import.meta.url)('firebase-tools/lib/functions/env.js') as {
  parse: (text: string) => { envs: Record<string, string>; errors: string[] };
};

/** Variables by name. */
type Variables = Readonly<Record<string, string>>;

/**
 * The file of variables that are to be set. Several projects share `functions/.env`, and
 * `functions/.env.<project>` goes before it. So it is the project's own file where there is one, or where
 * the shared one has another value.
 */
export function fileFor(project: string, variables: Variables): string {
  const own = `${SHARED}.${project}`;
  if (existsSync(own)) return own;
  const shared = existsSync(SHARED) ? parse(readFileSync(SHARED, 'utf8')).envs : {};
  const isShared = Object.entries(variables).every(([name, value]) =>
    ['', value].includes(shared[name] ?? ''),
  );
  return isShared ? SHARED : own;
}

/**
 * Prepares variables for their file. `functions/.env` begins as a copy of the example. All other lines stay.
 * @returns what writes the file.
 * @throws Error for a value that cannot be set there; nothing is written then.
 */
export function prepareVariables(path: string, variables: Variables): () => void {
  const source = existsSync(path) || path !== SHARED ? path : EXAMPLE;
  let text = existsSync(source) ? readFileSync(source, 'utf8') : '';
  for (const [name, value] of Object.entries(variables)) text = withVariable(text, name, value);
  return () => {
    writeFileSync(path, text);
  };
}

/**
 * The text of an env file in which the variable has the value. The last of several lines counts, for the
 * Firebase CLI and for Node.
 * @throws Error when either of them would not read just this change.
 */
export function withVariable(text: string, name: string, value: string): string {
  const line = `${name}=${written(name, value)}`;
  const own = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=.*$`, 'gm');
  const there = [...text.matchAll(own)].at(-1) ?? new RegExp(`^# ${name}=.*$`, 'm').exec(text);
  const after = there
    ? text.slice(0, there.index) + line + text.slice(there.index + there[0].length)
    : `${text.replace(/[^\n]$/, '$&\n')}${line}\n`;
  const [was, is] = [parse(text), parse(after)];
  const isRead =
    isDeepStrictEqual(is, { ...was, envs: { ...was.envs, [name]: value } }) &&
    isDeepStrictEqual({ ...parseEnv(after) }, { ...parseEnv(text), [name]: value });
  if (!isRead)
    throw new Error(`${name} cannot be set by a program beside these lines: set it by hand`);
  return after;
}

/** As both the Firebase CLI and Node read it back. */
function written(name: string, value: string): string {
  if (/^[^\s#'"`\\]*$/.test(value)) return value;
  if (!/['\n\r\\]/.test(value)) return `'${value}'`;
  throw new Error(
    `${name} cannot be written on one line of an env file: it has a quote or a line break`,
  );
}
