import { existsSync, readFileSync } from 'node:fs';
import * as limits from '../../../functions/src/config/limits.ts';

const PAGE = readFileSync('docs/architecture.md', 'utf8');
const SOURCE = 'functions/src';

/** A part of the page, from its heading to the next one of the same rank. */
function section(heading: string): string {
  return PAGE.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
}

const DAY_MS = 24 * 60 * 60_000;
const units = [
  ['h', 60 * 60_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A duration as the page writes it. */
function readable(ms: number): string {
  if (ms % DAY_MS === 0) return `${ms / DAY_MS} days`;
  const [unit, length] = units.find(([, one]) => ms % one === 0) ?? ['ms', 1];
  return `${ms / length} ${unit}`;
}

/** Every time that the code gives up or tries again after, by the name that the page gives it. */
const times: readonly [name: string, value: string][] = [
  ...Object.entries(limits)
    .filter(([name]) => !/^(MINUTE|HOUR|DAY)_MS$/.test(name))
    .map(([name, ms]): [string, string] => [name, readable(ms)]),
  ...[
    ...readFileSync('functions/.env.example', 'utf8').matchAll(/^([A-Z_]+)_(MS|DAYS)=(\d+)$/gm),
  ].map(([, name = '', unit = '', value = '']): [string, string] => [
    `${name}_${unit}`,
    readable(Number(value) * (unit === 'DAYS' ? DAY_MS : 1)),
  ]),
];

const table = section('What gives up, and when')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()));

test('there are times to compare', () => {
  expect(times.length).toBeGreaterThan(15);
  expect(readable(90_000)).toBe('90 s');
});

test.each(times)('the table says of %s that it is %s', (name, value) => {
  const rows = table.filter(([, , , where = '']) => where === `\`${name}\``);
  const said = rows.map(([, , cell = '']) => cell);
  expect(said).not.toEqual([]);
  expect(said.filter((cell) => !new RegExp(`(^|\\s)${value}(,|$)`).test(cell))).toEqual([]);
});

test('the table names no constant that is gone', () => {
  const named = table.flatMap(([, , , where = '']) => /^`([A-Z_]+)`$/.exec(where)?.[1] ?? []);
  const known = times.map(([name]) => name);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

test('every file that the page names is there', () => {
  const code = [...PAGE.matchAll(/`([\w.-]+(?:\/[\w.-]*)+|[\w-]+\.ts)`/g)].map(
    ([, path = '']) => path,
  );
  expect(code.length).toBeGreaterThan(40);
  const isThere = (path: string) =>
    [SOURCE, '.', 'test'].some((folder) => existsSync(`${folder}/${path}`));
  // Each gateway's folder has these; their place is said in words.
  const inAFolder = ['movements.ts', 'advance.ts', 'intents.ts', 'calls.ts', 'queries.ts'];
  expect(code.filter((path) => !isThere(path) && !inAFolder.includes(path))).toEqual([]);
});

test('the glossary has 15 words at most, each once', () => {
  const words = [...section('Glossary').matchAll(/^\| ([a-zA-Z ]+) \| [^-]/gm)]
    .map(([, word = '']) => word)
    .filter((word) => word !== 'Word');
  expect(words).toContain('Retail API');
  expect(words.length).toBeLessThanOrEqual(15);
  expect(new Set(words).size).toBe(words.length);
});

test('README leads to the page', () => {
  expect(readFileSync('README.md', 'utf8')).toContain('](docs/architecture.md)');
});
