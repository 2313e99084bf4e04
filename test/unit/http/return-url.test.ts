import { Malformed } from '../../../functions/src/errors.ts';
import { checkReturnUrl } from '../../../functions/src/http/return-url.ts';

const allowed = ['https://app.example.com', 'http://localhost:3000'];

test.each([
  ['https://app.example.com/paid?x=1#y', 'https://app.example.com/paid?x=1#y'],
  ['https://app.example.com', 'https://app.example.com/'],
  ['https://APP.example.com:443/a/../b', 'https://app.example.com/b'],
  ['http://localhost:3000/paid', 'http://localhost:3000/paid'],
])('%s may be returned to', (given, understood) => {
  expect(checkReturnUrl(given, allowed)).toBe(understood);
});

test.each([
  '',
  '/paid',
  '//app.example.com/paid',
  'http://app.example.com/paid',
  'https://app.example.com:8443/paid',
  'https://app.example.com.evil.test/paid',
  'https://evil.test/https://app.example.com',
  'https://app.example.com@evil.test/',
  'https://user@app.example.com/',
  'https://:secret@app.example.com/',
  'https://evil.test\\@app.example.com/',
  'https://app.example.com%2eevil.test/',
  'javascript:alert(1)//https://app.example.com',
  'data:text/html,x',
  'myapp://paid',
  'blob:https://app.example.com/1',
])('%j may not', (given) => {
  expect(() => checkReturnUrl(given, [...allowed, 'null'])).toThrow(Malformed);
});

test('an address that parsers understand differently is handed on as it was understood', () => {
  const given = 'https://app.example.com\\@evil.test/';
  expect(checkReturnUrl(given, allowed)).toBe('https://app.example.com/@evil.test/');
});

test('without allowed origins there is nowhere to return to', () => {
  expect(() => checkReturnUrl('https://app.example.com/', [])).toThrow(Malformed);
});
