import { globSync, readFileSync } from 'node:fs';

/** What an operator reads in the log names a setting, or what in the project is to be changed. */
const named =
  /\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b|\$\{(name|names|faults)\b|npx firebase|console|\broles\//;

const sources = globSync('functions/src/**/*.ts').map((path) => ({
  path,
  code: readFileSync(path, 'utf8'),
}));

/** The calls that make `Misconfigured`, each from its bracket to the end of the statement. */
const refusals = sources.flatMap(({ path, code }) =>
  [...code.matchAll(/new Misconfigured\(([\s\S]*?)(?:\);|,\s*\{ cause|\)\s*:)/g)].map(
    ([, words = '']) => `${path}: ${words.trim()}`,
  ),
);

/** The text of a constant that a call is given by its name. */
function resolved(refusal: string): string {
  const constant = /: (message|NOT_PERMITTED)\b/.exec(refusal)?.[1];
  if (constant === undefined) return refusal;
  const code = sources.find(({ path }) => refusal.startsWith(`${path}:`))?.code ?? '';
  return new RegExp(`const ${constant} =\\s*(.*)`).exec(code)?.[1] ?? '';
}

test('every message of a wrong configuration names the setting', () => {
  expect(refusals.length).toBeGreaterThan(25);
  expect(refusals.filter((refusal) => !named.test(resolved(refusal)))).toEqual([]);
});
