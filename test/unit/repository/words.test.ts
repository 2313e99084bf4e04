import { globSync, readFileSync } from 'node:fs';

const VERBS = 'is|was|are|were|has|have|cannot|can|comes|came|stands|stays';

/** Phrases that hide who does what, and what to write instead. */
const riddles: readonly [phrase: RegExp, instead: string][] = [
  [/(?<![Tt]here )\b(is|are|was|were) none\b/g, 'say what it is not, or that there is none'],
  [/\bholds? up no/g, 'write that the others go on'],
  [/\bwhoever\b/gi, 'name the party: the caller, the operator'],
  [/\bnobody\b/gi, 'name the party: no user, no caller'],
  [/\bof (ours|theirs)\b/g, 'write "our", or say whose'],
  [new RegExp(`(?<=(^|[.:;]) )[Ww]hat (${VERBS})\\b`, 'g'), 'begin with the thing: "A row that"'],
];

/** A piece of text that may go over several lines. */
interface Piece {
  readonly text: string;
  /** Of the file; the first is 1. */
  readonly line: number;
}

/** The comments of TypeScript; texts in quotes, which may look like one, are passed over. */
function commentsIn(code: string): Piece[] {
  const tokens =
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(\/\*[\s\S]*?\*\/|\/\/.*(?:\n *\/\/.*)*)/g;
  return [...code.matchAll(tokens)].flatMap(({ 1: text, index }) =>
    text === undefined ? [] : [{ text, line: lineAt(code, index) }],
  );
}

/** The paragraphs, list items and table rows of a page, without its code. */
function paragraphsIn(page: string): Piece[] {
  const prose = page
    .replace(/^( *)```.*?^\1```/gms, (block) => block.replace(/./g, ''))
    .replace(/`[^`\n]+`|“[^”\n]*”/g, 'code');
  const items = /(?:^|\n)((?: *(?:[-|>#]|\d+\.) )?.+(?:\n(?! *(?:[-|>#]|\d+\.) ).+)*)/g;
  return [...prose.matchAll(items)].map(({ 0: whole, 1: text = '', index }) => {
    return { text, line: lineAt(prose, index + whole.length - text.length) };
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** The riddles of a piece, which may be wrapped within a phrase, as `line "phrase": instead`. */
function riddlesIn({ text, line }: Piece): string[] {
  const mark = /^ *(\/\*\*?|\*\/?|\/\/|[-|>#]+|\d+\.)?( |$)/;
  const lines = text.split('\n').map((one) => one.replace(mark, '').trim());
  const flat = ` ${lines.join(' ')}`;
  return riddles.flatMap(([phrase, instead]) =>
    [...flat.matchAll(phrase)].map(({ 0: found, index }) => {
      let end = 1;
      const at = lines.findIndex((one) => (end += one.length + 1) > index);
      return `${line + at} "${found}": ${instead}`;
    }),
  );
}

function riddlesOf(paths: readonly string[], piecesIn: (text: string) => Piece[]): string[] {
  return paths.flatMap((path) =>
    piecesIn(readFileSync(path, 'utf8'))
      .flatMap(riddlesIn)
      .map((riddle) => `${path}:${riddle}`),
  );
}

const sources = globSync('functions/src/**/*.ts');
const pages = globSync('{*.md,.github/**/*.md,docs/**/*.md,functions/src/**/*.md,test/**/*.md}');

test('comments say who does what', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(riddlesOf(sources, commentsIn)).toEqual([]);
});

test('pages say who does what', () => {
  expect(pages).toContain('docs/client-protocol.md');
  expect(riddlesOf(pages, paragraphsIn)).toEqual([]);
});

test('a riddle is found in its line, wrapped or not, and texts of the code are let alone', () => {
  const code = `const text = 'nobody'; // Whoever calls
/**
 * One that fails holds
 * up no other. There is none.
 */
const url = 'https://example.com/nobody';
// What is due
// is pushed: what was
// given up is of ours.`;
  const found = commentsIn(code).flatMap(riddlesIn);
  expect(found.map((riddle) => riddle.slice(0, riddle.lastIndexOf('":')))).toEqual([
    '1 "Whoever',
    '3 "holds up no',
    '9 "of ours',
    '7 "What is',
    '8 "what was',
  ]);
});

test.each([
  ['A page.\n\n- One\n- it is\n  none', ['4 "is none']],
  ['| a | b |\n| --- | --- |\n| c | nobody |', ['3 "nobody']],
  ['`nobody`\n\n```sh\nnobody\n```\n\nWhat is it', ['7 "What is']],
  ['It says what is due. There is none, and the one of yours.', []],
])('in the page %j', (page, expected) => {
  const found = paragraphsIn(page).flatMap(riddlesIn);
  expect(found.map((riddle) => riddle.slice(0, riddle.lastIndexOf('":')))).toEqual(expected);
});
