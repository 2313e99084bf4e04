import { sameBytes } from '../../../functions/src/gateways/signature.ts';

test.each([
  ['abc', 'abc', true],
  ['abc', Buffer.from('abc'), true],
  ['', '', true],
  ['abc', 'abd', false],
  ['abc', 'ab', false],
  ['abc', '', false],
  ['é', 'e', false],
])('%j and %j', (a, b, same) => {
  expect(sameBytes(a, b)).toBe(same);
});
