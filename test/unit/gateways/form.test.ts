import { parseForm } from '../../../functions/src/gateways/form.ts';

const fieldsOf = (count: number) =>
  Buffer.from(Array.from({ length: count }, (_, index) => `f${index}=${index}`).join('&'));

test('a form is its fields by name', () => {
  expect(parseForm(Buffer.from('a=1&b=%2B+x&c'))).toEqual(
    new Map([
      ['a', '1'],
      ['b', '+ x'],
      ['c', ''],
    ]),
  );
});

test('a name that comes twice, or too many fields, make no form', () => {
  expect(parseForm(Buffer.from('a=1&a=2'))).toBeUndefined();
  expect(parseForm(fieldsOf(60))?.size).toBe(60);
  expect(parseForm(fieldsOf(61))).toBeUndefined();
});

test('a stranger’s body of many fields costs no time', () => {
  const started = performance.now();
  expect(parseForm(Buffer.from('a&'.repeat(500_000)))).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(200);
});
