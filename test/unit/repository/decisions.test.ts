import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'docs/decisions';
const GATEWAYS = 'functions/src/gateways';

interface Decision {
  readonly file: string;
  readonly number: string;
  readonly text: string;
  /** The rule. */
  readonly title: string | undefined;
  readonly fields: ReadonlyMap<string, string>;
}

const decisions = readdirSync(FOLDER)
  .filter((file) => file !== 'README.md')
  .map((file): Decision => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    const number = file.slice(0, 4);
    const [, title, head = ''] = /^# \d{4} · (.+)\n\n((?:- .+\n)+)\n/.exec(text) ?? [];
    const fields = [...head.matchAll(/^- (\w+): (.+)$/gm)].map(
      ([, name = '', value = '']) => [name, value] as const,
    );
    return { file, number, text, title, fields: new Map(fields) };
  });

const index = readFileSync(join(FOLDER, 'README.md'), 'utf8');
const listed = [...index.matchAll(/^- \[(\d{4})\]\(([^)]+)\) (.+)$/gm)].map(
  ([, number = '', file = '', title = '']) => ({ number, file, title }),
);

const gateways = readdirSync(GATEWAYS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function gatewaysOf({ fields }: Decision): string[] {
  return fields.get('Gateways')?.split(', ') ?? [];
}

test('there are decisions to hold to the rules', () => {
  expect(decisions.length).toBeGreaterThan(20);
});

test.each(decisions)('$file says its rule, its status and its date', (decision) => {
  const { file, number, text, title, fields } = decision;
  expect(file).toMatch(/^\d{4}(-[a-z0-9]+)+\.md$/);
  expect(text.startsWith(`# ${number} · ${title ?? '(no title)'}\n`)).toBe(true);
  expect(fields.get('Status')).toMatch(/^(accepted|superseded by \d{4})$/);
  const date = fields.get('Date') ?? '';
  expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(new Date(date).toISOString().slice(0, 10)).toBe(date);
  const parts = [...text.matchAll(/^\*\*(.+?)\.\*\*/gm)].map((match) => match[1]);
  expect(parts.filter((part) => part !== 'Not taken')).toEqual([
    'Context',
    'Decision',
    'Consequence',
  ]);
});

test('a decision is superseded by one that is here and stands', () => {
  const standing = decisions.filter(({ fields }) => fields.get('Status') === 'accepted');
  const successors = decisions.flatMap(
    ({ fields }) => /^superseded by (\d{4})$/.exec(fields.get('Status') ?? '')?.[1] ?? [],
  );
  const numbers = standing.map(({ number }) => number);
  expect(successors.filter((number) => !numbers.includes(number))).toEqual([]);
});

test('the index lists every decision once, in one group, by its rule', () => {
  const expected = decisions.map(({ number, file, title }) => ({ number, file, title }));
  expect(listed.toSorted((one, other) => one.number.localeCompare(other.number))).toEqual(expected);
  expect(new Set(decisions.map(({ number }) => number)).size).toBe(decisions.length);
});

test('every group is announced at the top, is sorted and not empty', () => {
  const announced = [...index.matchAll(/^\| \[([^\]]+)\]\(#/gm)].map((match) => match[1]);
  const groups = index
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      name: section.slice(0, section.indexOf('\n')),
      numbers: [...section.matchAll(/^- \[(\d{4})\]/gm)].map((match) => match[1]),
    }))
    .filter(({ name }) => name !== 'Add one');
  expect(groups.map(({ name }) => name)).toEqual(announced);
  for (const { name, numbers } of groups) {
    expect([name, numbers.length > 0]).toEqual([name, true]);
    expect(numbers).toEqual(numbers.toSorted());
  }
});

test('every decision about one gateway names it', () => {
  const section = /^## One gateway\n([^#]+)/m.exec(index)?.[1] ?? '';
  const numbers = [...section.matchAll(/\[(\d{4})\]/g)].map((match) => match[1]);
  const found = decisions.filter(({ number }) => numbers.includes(number));
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter((decision) => gatewaysOf(decision).length !== 1)).toEqual([]);
  const named = decisions.flatMap(gatewaysOf);
  expect(named.filter((name) => !gateways.includes(name))).toEqual([]);
});

test.each(gateways)('the README of %s links the decisions about it, by their rules', (gateway) => {
  const readme = readFileSync(join(GATEWAYS, gateway, 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\[([^\]]+)\]\((?:\.\.\/)+docs\/decisions\/([^)]+)\)/g)];
  const expected = decisions
    .filter((decision) => gatewaysOf(decision).includes(gateway))
    .map(({ title, file }) => ({ title, file }));
  expect(links.map(([, title, file]) => ({ title, file }))).toEqual(expected);
});
