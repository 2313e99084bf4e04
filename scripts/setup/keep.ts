import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Keeps a secret in the project's Secret Manager, as the signed-in user of the Firebase CLI. The value
 * goes through a pipe, because every user of a machine sees the arguments of a command.
 * @throws Error with the CLI's reason, without the value.
 */
export function keepSecret(project: string, name: string, value: string): void {
  const args = ['functions:secrets:set', name, '--data-file', '-', '--project', project];
  const { status, stderr, error } = spawnSync(
    'node_modules/.bin/firebase',
    [...args, '--non-interactive'],
    { input: value, encoding: 'utf8', stdio: ['pipe', 'ignore', 'pipe'] },
  );
  if (status === 0) return;
  const reason = /Error: .*$/m.exec((error?.message ?? stderr).replaceAll(value, '…'))?.[0] ?? '';
  throw new Error(
    `The Firebase CLI could not keep ${name}: sign in with npx firebase login as a user with roles/secretmanager.admin. ${reason}`,
  );
}

const EXAMPLE = 'functions/.env.example';
const SHARED = 'functions/.env';

/**
 * Sets a variable: in `functions/.env.<project>` where it stands there, because that file goes before
 * the other, else in `functions/.env`, which begins as a copy of the example. All other lines stay.
 * @returns the file.
 * @throws Error for a value that an env file cannot hold on one line.
 */
export function keepVariable(project: string, name: string, value: string): string {
  const own = `${SHARED}.${project}`;
  const path = existsSync(own) && lineOf(name).test(readFileSync(own, 'utf8')) ? own : SHARED;
  const before = readFileSync(existsSync(path) ? path : EXAMPLE, 'utf8');
  writeFileSync(path, withVariable(before, name, value));
  return path;
}

const lineOf = (name: string): RegExp => new RegExp(`^${name}=.*$`, 'm');

/** The text of an env file in which the variable has the value. */
export function withVariable(text: string, name: string, value: string): string {
  const line = `${name}=${written(name, value)}`;
  const [own, example] = [lineOf(name), new RegExp(`^# ${name}=.*$`, 'm')];
  // As functions, because a text would be searched for patterns such as $&.
  const [there] = own.exec(text) ?? [];
  if (/=["']/.test(there ?? '') && !/=(["']).*\1\s*(#.*)?$/.test(there ?? '')) {
    throw new Error(`${name} has more than one line: set it by hand`);
  }
  if (there !== undefined) return text.replace(own, () => line);
  if (example.test(text)) return text.replace(example, () => line);
  return `${text.replace(/\n?$/, '\n')}${line}\n`;
}

/** As both the Firebase CLI and Node read it back. */
function written(name: string, value: string): string {
  if (/^[^\s#'"`\\]*$/.test(value)) return value;
  if (!/['\n\r\\]/.test(value)) return `'${value}'`;
  throw new Error(
    `${name} cannot be written on one line of an env file: it has a quote or a line break`,
  );
}
