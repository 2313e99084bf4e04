import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The most lines that a TypeScript or JavaScript file of a folder may have. */
const limits: [folder: string, lines: number][] = [
  ['functions/src', 250],
  ['test', 400],
];

function sizesIn(folder: string): { path: string; lines: number }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
    .map((path) => join(folder, path))
    .map((path) => ({ path, lines: linesOf(readFileSync(path, 'utf8')) }));
}

/** As `wc -l` counts, and the last line where it has no end. */
function linesOf(text: string): number {
  return (text.match(/\n|[^\n]$/g) ?? []).length;
}

test.each(limits)('no file in %s is longer than %d lines', (folder, most) => {
  const sizes = sizesIn(folder);
  expect(sizes.length).toBeGreaterThan(100);
  const tooLong = sizes.filter(({ lines }) => lines > most);
  expect(tooLong.map(({ path, lines }) => `${path}: ${lines} lines`)).toEqual([]);
});

test.each([
  ['', 0],
  ['a', 1],
  ['a\n', 1],
  ['a\n\nb', 3],
])('%j is counted as %d lines', (text, lines) => {
  expect(linesOf(text)).toBe(lines);
});
