import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

const SETUP = resolve('scripts/setup.mjs');

/** A folder like a clone of this repository; its npm does nothing but note what it was asked for. */
let clone: string;

beforeEach(() => {
  clone = join(mkdtempSync(join(tmpdir(), 'setup-')), 'a path with a space');
  for (const name of ['tsconfig.json', 'package-lock.json']) {
    write(name, '{}');
    write(join('functions', name), '{}');
  }
  write('functions/src/index.ts', 'export {};');
  write('bin/npm', '#!/bin/sh\necho "$1" >> "$NOTES"\nexit "${NPM_EXIT:-0}"\n');
  chmodSync(join(clone, 'bin/npm'), 0o755);
});

afterEach(() => {
  rmSync(dirname(clone), { recursive: true });
});

function write(name: string, text: string): void {
  const path = join(clone, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** What npm was asked for while the set-up ran. */
function setUp(environment: Record<string, string> = {}): string[] {
  const notes = join(clone, 'notes');
  writeFileSync(notes, '');
  const env = {
    ...process.env,
    PATH: `${join(clone, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    NOTES: notes,
    ...environment,
  };
  try {
    execFileSync(process.execPath, [SETUP], { cwd: clone, env, stdio: 'pipe' });
  } catch {
    // Its npm has failed.
  }
  return readFileSync(notes, 'utf8').split('\n').slice(0, -1);
}

test('what is installed and built is not installed and built again', () => {
  expect(setUp()).toEqual(['ci', 'ci', '--prefix']);
  expect(setUp()).toEqual([]);
});

test.each([
  ['a source that has changed', 'functions/src/index.ts', ['--prefix']],
  ['a new source', 'functions/src/app/new.ts', ['--prefix']],
  ['the settings of the compiler', 'tsconfig.json', ['--prefix']],
  ['a lock file', 'functions/package-lock.json', ['ci', '--prefix']],
  ['a note beside the sources', 'functions/src/README.md', []],
])('%s brings back just what depends on it', (_what, file, wanted) => {
  setUp();
  write(file, 'changed');
  expect(setUp()).toEqual(wanted);
});

test('a step that has failed is done again', () => {
  expect(setUp({ NPM_EXIT: '1' })).toEqual(['ci']);
  expect(setUp()).toEqual(['ci', 'ci', '--prefix']);
  write('functions/src/index.ts', 'changed');
  expect(setUp({ NPM_EXIT: '1' })).toEqual(['--prefix']);
  write('functions/src/index.ts', 'export {};');
  expect(setUp()).toEqual(['--prefix']);
});
