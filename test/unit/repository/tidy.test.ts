import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = 'functions/src';

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, code: readFileSync(join(SOURCE, path), 'utf8') }));

const gateways = readdirSync(join(SOURCE, 'gateways'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Files outside the allowed places that match, by path. */
function offenders(pattern: RegExp, allowed: RegExp): string[] {
  return files
    .filter(({ path, code }) => !allowed.test(path) && pattern.test(code))
    .map(({ path }) => path);
}

test('there is something to hold to the rules', () => {
  expect(files.length).toBeGreaterThan(30);
  expect(gateways).toContain('stripe');
});

// `retail/gateway-names.ts` holds the names that the Retail API spells in its own way.
test.each(gateways)(
  'nothing outside its folder names %s, but for its lines in index.ts, app/gateways.ts and staff/gateways.ts',
  (gateway) => {
    const own = new RegExp(
      `^gateways/${gateway}/|^(retail/gateway-names|(app|staff)/gateways)\\.ts$`,
    );
    expect(offenders(new RegExp(`['"\`/]${gateway}['"\`/_-]`), own)).toEqual(['index.ts']);
  },
);

test('the staff finds the ids of every gateway', () => {
  const code = files.find(({ path }) => path === 'staff/gateways.ts')?.code ?? '';
  const named = [...code.matchAll(/gateways\/(\w+)\/config'/g)].map(([, name]) => name);
  expect(named).toEqual(gateways.toSorted());
});

/** The rooms that keep books, and what opens Firestore for them. */
const books = /^(firestore|ledger|roles|orders|stores|deletion)\/|^retail\/customer-lease\.ts$/;

test('only the rooms that keep books touch Firestore', () => {
  const pattern = /from 'firebase-admin\/firestore'|firestore\/client'|\.collection\(|\.doc\(/;
  expect(offenders(pattern, books)).toEqual([]);
  // No other room opens one to hand it on: gateways, stores and the rest open the books made for them.
  expect(offenders(/openFirestore\(/, new RegExp(`${books.source}|^pipeline\\.ts$`))).toEqual([]);
});

test('every query stands in a queries.ts', () => {
  expect(offenders(/\.where\(|\.orderBy\(/, /queries\.ts$/)).toEqual([]);
});

test('only config reads the environment', () => {
  expect(offenders(/process\.env/, /^config\/environment\.ts$/)).toEqual([]);
});

test('only log.ts logs', () => {
  expect(offenders(/console\.\w+\(|firebase-functions\/logger/, /^log\.ts$/)).toEqual([]);
});

test('only send.ts calls outside, and Firestore its own client', () => {
  // Apple's library reads the answer itself: one that breaks off after its status still counts.
  const allowed = /^gateways\/appstore\/api\.ts$/;
  const callers = ['send.ts', 'firestore/client/transport.ts'];
  const found = offenders(/\bfetch\(|\bhttps?\.(get|request)\b/, allowed);
  expect(found.toSorted()).toEqual(callers.toSorted());
});

test('nothing tells a test or an emulator apart', () => {
  // The name of a variable that all clients of Firestore read: where it is, not what it is.
  const address = /^firestore\/place\.ts$/;
  expect(offenders(/emulator|NODE_ENV|jest/i, address)).toEqual([]);
});

test('no global options, no aggregate imports, no secret parameter', () => {
  const pattern =
    /setGlobalOptions\(|defineSecret|from 'firebase-functions(\/v2)?'|from 'firebase-admin'/;
  expect(offenders(pattern, /^$/)).toEqual([]);
});

test('a group exports functions only', () => {
  const groups = files.filter(({ path }) =>
    /^(gateways\/\w+|sync|app|staff)\/index\.ts$/.test(path),
  );
  for (const { path, code } of groups) {
    const exported = [...code.matchAll(/^export const (\w+) = (\w+)/gm)].map((match) => match[2]);
    const makers = ['onRequest', 'onSchedule', 'reconciliation', 'askAgain'];
    expect([path, exported.filter((maker) => !makers.includes(maker ?? ''))]).toEqual([path, []]);
    expect([path, /^export (\*|\{|default|function|class)/m.test(code)]).toEqual([path, false]);
  }
});

test('no money passes through floating point', () => {
  expect(offenders(/parseFloat|toFixed|Math\.round\([^)]*(amount|cents)/i, /^$/)).toEqual([]);
});

test('secrets and signatures are compared in constant time', () => {
  expect(
    offenders(/(signature|digest|hmac|secret)\w* ?={2,3} ?(?!null|undefined)\w/i, /^$/),
  ).toEqual([]);
});

test('no folder of odds and ends, no loose end', () => {
  const odds = /(^|\/)(utils?|helpers?|common|services?|manager)(\/|\.|$)/;
  expect(files.filter(({ path }) => odds.test(path)).map(({ path }) => path)).toEqual([]);
  expect(offenders(/TODO|FIXME|XXX|@ts-ignore|eslint-disable|\bany\b(?=[>;,)\]])/, /^$/)).toEqual(
    [],
  );
});

test('every variable that is read is explained in an example file', () => {
  const examples = ['functions/.env.example', 'functions/.secret.local.example'];
  const explained = new Set(
    examples.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/^(?:# )?([A-Z0-9_]+)=/gm)].map((match) => match[1]),
    ),
  );
  const read = files
    .filter(({ path }) => path.includes('config'))
    .flatMap(({ code }) => [
      ...code.matchAll(/^ {2}([A-Z][A-Z0-9_]+): |gatewaySwitch\('([A-Z0-9_]+)'/gm),
    ])
    .map((match) => match[1] ?? match[2]);
  expect(read).toContain('PAYMENTS_MODE');
  expect(read.filter((name) => !explained.has(name))).toEqual([]);
  for (const path of examples) {
    const lines = readFileSync(path, 'utf8').split('\n');
    // Two bounds may share a line of meaning; a variable without any has none in sight.
    const bare = lines.filter(
      (line, index) => /^[A-Z]/.test(line) && !/^(#|[A-Z])/.test(lines[index - 1] ?? ''),
    );
    expect([path, bare]).toEqual([path, []]);
  }
});

// A shell looks a command up once: a `node` after the setup would be the machine's own again, which
// may be too old for TypeScript.
test('on a fresh clone every script runs on the Node that the setup installs', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Record<string, string>;
  };
  const steps = Object.values(scripts).flatMap((script) => script.split(' && '));
  const typeScript = steps.filter((step) => / scripts\/\S+\.ts$/.test(step));
  expect(typeScript.length).toBeGreaterThan(4);
  expect(typeScript.filter((step) => !step.startsWith('node_modules/.bin/node '))).toEqual([]);
});
