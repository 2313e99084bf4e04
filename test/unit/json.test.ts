import { parseJson, parseLiterals } from '../../functions/src/json.ts';

test('JSON is parsed; a text that is not JSON is undefined', () => {
  expect(parseJson('{"amount":12.50}')).toEqual({ amount: 12.5 });
  expect(parseJson('null')).toBeNull();
  expect(parseJson('')).toBeUndefined();
  expect(parseJson('<html>')).toBeUndefined();
});

test('with literals, every number stays the text it was written as', () => {
  expect(parseLiterals('{"amount":12.50,"list":[1e3],"text":"1.0"}')).toEqual({
    amount: '12.50',
    list: ['1e3'],
    text: '1.0',
  });
  expect(parseLiterals('{"amount":')).toBeUndefined();
});

test('half of a surrogate pair becomes a text that Firestore takes', () => {
  expect(parseJson('{"a": ["\\ud800", "\\ud83d\\ude00"]}')).toEqual({ a: ['\ufffd', '😀'] });
});
