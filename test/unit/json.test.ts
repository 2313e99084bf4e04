import { parseJson } from '../../functions/src/json.ts';

test('half of a surrogate pair becomes a text that Firestore takes', () => {
  expect(parseJson('{"a": ["\\ud800", "\\ud83d\\ude00"]}')).toEqual({ a: ['\ufffd', '😀'] });
});

test('a text that is not JSON is told', () => {
  expect(parseJson('{')).toBeUndefined();
});
