import { readFileSync } from 'node:fs';
import * as publicKeys from '../../../functions/src/app/gateways.ts';
import * as deployed from '../../../functions/src/index.ts';
import { calls } from '../../harness/document.ts';

/** What docs/client-protocol.md says and no emulator can try; its JavaScript runs in an integration test. */
const PAGE = readFileSync('docs/client-protocol.md', 'utf8');

function codeIn(language: string): string {
  const blocks = PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  return [...blocks].map(([, block]) => block).join('\n');
}

/** The calls that the code makes, and the method that it names; null where it names none. */
function callsIn(code: string): { name: string; method: string | null }[] {
  const made = code.matchAll(/\bcall\(\s*(['"])(\w+-\w+)\1(.*)/g);
  return [...made].map(([, , name = '', rest = '']) => {
    return { name, method: /\bmethod *[:=] *['"](\w+)['"]/.exec(rest)?.[1] ?? null };
  });
}

describe.each(['js', 'swift', 'kotlin'])('the %s', (language) => {
  const code = codeIn(language);

  test('makes each call by its method', () => {
    const made = callsIn(code);
    expect(made.map(({ name }) => name)).toContain('app-getBalance');
    const documented = made.map(({ name }) => calls.find((call) => call.name === name)?.method);
    expect(made.map(({ method }) => method ?? 'POST')).toEqual(documented);
  });

  test('signs in, asks for the token, and has an address verified', () => {
    expect(code).toMatch(/\bsignInAnonymously\(/);
    expect(code).toMatch(/\.getI[dD]Token\(/);
    expect(code).toMatch(/\bsendEmailVerification\(/);
  });
});

test('the gateways that publish no key are named as such, and no other', () => {
  const [, named = ''] = /([^;.]*) have no key to publish/.exec(PAGE) ?? [];
  const folders = named
    .toLowerCase()
    .replaceAll(/ the | and /g, ',')
    .replaceAll(' ', '')
    .split(',');
  const keyless = Object.keys(deployed).filter(
    (group) => !['app', 'staff', 'sync', ...Object.keys(publicKeys)].includes(group),
  );
  expect(folders.filter(Boolean).toSorted()).toEqual(keyless.toSorted());
});
