import { z } from 'zod';
import {
  address,
  flag,
  list,
  readEnvironment,
  required,
  wholeNumber,
} from '../../../functions/src/config/environment.ts';
import { refusal } from '../../harness/refusal.ts';

const CANARY = 'canary-of-a-value';

const kinds = {
  required,
  list,
  flag,
  wholeNumber: wholeNumber(10, 20),
  address,
} as const;

type Kind = keyof typeof kinds;

function read(kind: Kind, value: string | undefined): unknown {
  return readEnvironment(z.object({ THE_NAME: kinds[kind] }), { THE_NAME: value }).THE_NAME;
}

const each = Object.keys(kinds) as Kind[];

test.each(each)('%s that is not given is missing', (kind) => {
  // A secret that is not bound reads as an empty string.
  for (const nothing of [undefined, '', '  ', '\n']) {
    expect(refusal(() => read(kind, nothing))).toBe('Configuration: THE_NAME is missing');
  }
});

test.each<[Kind, string, unknown]>([
  ['required', 'a b', 'a b'],
  ['required', ' key\n', 'key'],
  ['list', 'a', ['a']],
  ['list', ' a, b ,,c,', ['a', 'b', 'c']],
  ['flag', 'true', true],
  ['flag', 'false', false],
  ['wholeNumber', '10', 10],
  ['wholeNumber', '020', 20],
  ['address', 'http://127.0.0.1:9201', 'http://127.0.0.1:9201'],
])('%s: %j', (kind, given, expected) => {
  expect(read(kind, given)).toEqual(expected);
});

test.each<[Kind, string]>([
  ['flag', 'TRUE'],
  ['flag', '1'],
  ['flag', 'yes'],
  ['flag', ' true'],
  ['flag', CANARY],
  ['wholeNumber', '9'],
  ['wholeNumber', '21'],
  ['wholeNumber', '-15'],
  ['wholeNumber', '15.0'],
  ['wholeNumber', '1e1'],
  ['wholeNumber', '0x10'],
  ['wholeNumber', '15 ms'],
  ['wholeNumber', '9'.repeat(16)],
  ['wholeNumber', CANARY],
  ['address', CANARY],
  ['address', `ftp://${CANARY}`],
  ['address', `file:///${CANARY}`],
  ['address', `${CANARY}.example.com/v1`],
])('%s refuses %j and says its name alone', (kind, given) => {
  const message = refusal(() => read(kind, given));
  expect(message).toMatch(/^Configuration: THE_NAME must be /);
  expect(message).not.toContain(CANARY);
});

test('everything that is wrong is told at once', () => {
  const schema = z.object({ ONE: required, TWO: flag, THREE: required });
  expect(refusal(() => readEnvironment(schema, { TWO: CANARY, THREE: 'there' }))).toBe(
    'Configuration: ONE is missing; TWO must be true or false',
  );
});

test('an empty value gives way to the default', () => {
  const schema = z.object({ A: flag.default(true), B: wholeNumber(1, 9).default(7) });
  expect(readEnvironment(schema, { A: '', B: ' ' })).toEqual({ A: true, B: 7 });
  expect(readEnvironment(schema, { A: 'false' })).toEqual({ A: false, B: 7 });
});

test("the process' own variables are read unless others are given", () => {
  process.env['THE_NAME_HERE'] = 'here';
  expect(readEnvironment(z.object({ THE_NAME_HERE: required }))).toEqual({ THE_NAME_HERE: 'here' });
  delete process.env['THE_NAME_HERE'];
});
