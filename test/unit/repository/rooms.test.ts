import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const SOURCE = 'functions/src';

/** Every room, from the top down: a room imports only rooms below it. `docs/architecture.md` shows them. */
const rooms = [
  'index',
  'app',
  'staff',
  'gateways',
  'deletion',
  'http',
  'refunds',
  'stores',
  'reconcile',
  'sync',
  'pipeline',
  'orders',
  'retail',
  'ledger',
  'roles',
  'gateway',
  'movement',
  'ids',
  'auth',
  'money',
  'schedule',
  'firestore',
  'config',
  'outbound',
  'send',
  'domain',
  'json',
  'once',
  'log',
  'errors',
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly line: number;
}

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, code: readFileSync(join(SOURCE, path), 'utf8') }));
const paths = new Set(files.map(({ path }) => path));

/** The file or folder right below `functions/src` that a file belongs to. */
function roomOf(path: string): string {
  return path.split('/')[0]?.replace(/\.ts$/, '') ?? '';
}

function resolve(from: string, specifier: string): string {
  const target = normalize(join(dirname(from), specifier));
  return paths.has(`${target}.ts`) ? `${target}.ts` : `${target}/index.ts`;
}

/** The imports of a file, lazy ones and re-exports included. */
function importsOf(path: string, code: string): Import[] {
  return [...code.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => ({
    from: path,
    to: resolve(path, match[1] ?? ''),
    line: code.slice(0, match.index).split('\n').length,
  }));
}

function upwards(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from, to }) => rooms.indexOf(roomOf(to)) < rooms.indexOf(roomOf(from)))
    .map(({ from, to, line }) => `${from}:${line} imports ${to}, which is in a higher room`);
}

/** The circles of imports, each told by the import that closes it. */
function circles(imports: readonly Import[]): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]) => {
    if (done.has(path)) return;
    for (const { to, line } of imports.filter(({ from }) => from === path)) {
      const start = [...way, path].indexOf(to);
      if (start === -1) visit(to, [...way, path]);
      else found.push(`${path}:${line} closes ${[...way, path].slice(start).join(' → ')} → ${to}`);
    }
    done.add(path);
  };
  for (const { from } of imports) visit(from, []);
  return found;
}

const imports = files.flatMap(({ path, code }) => importsOf(path, code));

test('every import leads to a file', () => {
  expect(imports.length).toBeGreaterThan(300);
  expect(imports.filter(({ to }) => !paths.has(to))).toEqual([]);
});

test('every file is in a room', () => {
  expect(files.map(({ path }) => path).filter((path) => !rooms.includes(roomOf(path)))).toEqual([]);
});

test('the page on the architecture shows every room, in this order', () => {
  const page = readFileSync('docs/architecture.md', 'utf8');
  const shown = [...page.matchAll(/^│ (\w+)(\/|\.ts) {2,}\S/gm)];
  expect(shown.map(([, room]) => room)).toEqual(rooms);
  const asFile = shown.filter(([, , end]) => end === '.ts').map(([, room = '']) => `${room}.ts`);
  expect(rooms.map((room) => `${room}.ts`).filter((path) => paths.has(path))).toEqual(asFile);
});

test('no room imports a higher one', () => {
  expect(upwards(imports)).toEqual([]);
});

test('no circle of imports, within a room either', () => {
  expect(circles(imports)).toEqual([]);
});

test('an import upwards and a circle are each named by their line', () => {
  const climb = importsOf('ledger/ledger.ts', "\n\nimport { sweep } from '../sync/sweep';\n");
  expect(upwards(climb)).toEqual([
    'ledger/ledger.ts:3 imports sync/sweep.ts, which is in a higher room',
  ]);
  const circle = [
    { from: 'ledger/a.ts', to: 'ledger/b.ts', line: 1 },
    { from: 'ledger/b.ts', to: 'ledger/a.ts', line: 2 },
  ];
  expect(circles(circle)).toEqual(['ledger/b.ts:2 closes ledger/a.ts → ledger/b.ts → ledger/a.ts']);
});
