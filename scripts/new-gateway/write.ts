import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';

const TEMPLATE = resolve(import.meta.dirname, 'template');
const INDEX = 'functions/src/index.ts';
const STAFF = 'functions/src/staff/gateways.ts';

/** The names of groups of functions that are not gateways. */
const TAKEN = new Set(['app', 'staff', 'sync', 'default']);

/**
 * Writes a new gateway: its folder in the one shape, its first fixtures, its signer, its run of the
 * contract suite, its checkout's test, its lines in `index.ts` and `staff/gateways.ts`, and its variables. The current folder
 * must be the project's.
 * @returns the paths of the files, from the current folder.
 * @throws Error when the name cannot be used, before anything is written.
 */
export async function writeGateway(name: string): Promise<string[]> {
  check(name);
  const files = readdirSync(TEMPLATE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(TEMPLATE.length + 1));
  const written: string[] = [];
  for (const file of files.toSorted()) {
    const path = fillIn(file, name).replace(/\.txt$/, '');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      await formatFile(path, fillIn(readFileSync(join(TEMPLATE, file), 'utf8'), name)),
    );
    written.push(path);
  }
  return [
    ...written,
    addLine(INDEX, `export * as ${name} from './gateways/${name}';`),
    addLine(STAFF, `export * as ${name} from '../gateways/${name}/config';`),
    ...addVariables(name),
  ];
}

function check(name: string): void {
  if (!/^[a-z][a-z0-9]{1,30}$/.test(name) || TAKEN.has(name)) {
    throw new Error('npm run new-gateway -- <name>: lower-case letters, as the gateway is called');
  }
  if (existsSync(join('functions/src/gateways', name))) throw new Error(`${name} is there already`);
}

/** Fills in the name: in lower case for paths, in upper case for variables, as a title for types. */
function fillIn(text: string, name: string): string {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  return text
    .replaceAll('__name__', name)
    .replaceAll('__NAME__', name.toUpperCase())
    .replaceAll('__Name__', title);
}

/** Formats the file, because a longer name may break a line that the template does not. */
async function formatFile(path: string, text: string): Promise<string> {
  if (!path.endsWith('.ts')) return text;
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

/** Adds one line among those of the gateways, in alphabetical order. */
function addLine(path: string, line: string): string {
  const lines = readFileSync(path, 'utf8').split('\n');
  const isGateway = (other: string): boolean => / from '\.\.?\/gateways\//.test(other);
  const after = lines.findIndex((other) => isGateway(other) && other > line);
  const end = lines.findLastIndex(isGateway) + 1;
  lines.splice(after === -1 ? end : after, 0, line);
  writeFileSync(path, lines.join('\n'));
  return path;
}

function addVariables(name: string): string[] {
  const added = {
    'functions/.env.example':
      '\n# Whether __Name__ is deployed: `true`, `false`, or `draining` (no new orders, see docs/operating.md).\n' +
      '__NAME___ENABLED=false\n' +
      "# Address of __Name__'s payment page; empty for the real one. Refused in live mode.\n" +
      '__NAME___PAGE_URL=\n',
    'functions/.secret.local.example':
      "# The secret that __Name__ signs its webhook's events with.\n__NAME___WEBHOOK_SECRET=\n",
  };
  for (const [path, text] of Object.entries(added)) {
    writeFileSync(path, readFileSync(path, 'utf8') + fillIn(text, name));
  }
  return Object.keys(added);
}
