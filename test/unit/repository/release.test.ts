import { readFileSync } from 'node:fs';

interface Package {
  version: string;
  license: string;
  engines: { node: string };
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  packages: Record<string, { version: string; license: string }>;
}

function json(path: string): Package {
  return JSON.parse(readFileSync(path, 'utf8')) as Package;
}

const tools = json('package.json');
const functions = json('functions/package.json');

test('both packages, their lock files and the changelog carry one version', () => {
  const released = /^## (\d\S*) · \d{4}-\d\d-\d\d$/m.exec(readFileSync('CHANGELOG.md', 'utf8'));
  const locks = [json('package-lock.json'), json('functions/package-lock.json')];
  const versions = [
    functions.version,
    ...locks.flatMap((lock) => [lock.version, lock.packages['']?.version]),
    released?.[1],
  ];
  expect(versions).toEqual(versions.map(() => tools.version));
});

test('the changelog is newest first, and what is not released stands above', () => {
  const headings = [...readFileSync('CHANGELOG.md', 'utf8').matchAll(/^## (\S+)/gm)];
  const names = headings.map((match) => match[1] ?? '');
  const newestFirst = new Intl.Collator('en', { numeric: true }).compare;
  expect(names).toEqual(
    names.toSorted((one, other) =>
      one === 'Unreleased' ? -1 : other === 'Unreleased' ? 1 : newestFirst(other, one),
    ),
  );
  expect(new Set(names).size).toBe(names.length);
});

test('the licence is MIT, in its file and in both packages', () => {
  expect(readFileSync('LICENSE', 'utf8')).toMatch(
    /^MIT License\n\nCopyright \(c\) 2026 the authors\n/,
  );
  expect([tools.license, functions.license]).toEqual(['MIT', 'MIT']);
});

test('the Node of .nvmrc is the one that the functions run on and the setup installs', () => {
  const major = readFileSync('.nvmrc', 'utf8').trim();
  expect(functions.engines.node).toBe(major);
  expect(tools.devDependencies['node']?.split('.')[0]).toBe(major);
});

// TypeScript takes two versions for two libraries, and compares each type of one with the other.
test('the zod of the tests is that of the functions', () => {
  expect(tools.devDependencies['zod']).toBe(functions.dependencies['zod']);
});
