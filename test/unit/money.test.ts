import { centsOf, decimalOf, shortDecimalOf } from '../../functions/src/money.ts';

test.each([
  ['12.50', 1250],
  ['12.5', 1250],
  ['12', 1200],
  ['0', 0],
  ['0.07', 7],
  ['1.15', 115],
  ['9999999999.99', 999_999_999_999],
])('%s is %i cents', (decimal, cents) => {
  expect(centsOf(decimal)).toBe(cents);
});

test.each([
  '',
  '-1',
  '+1',
  '1e3',
  '12,50',
  '12.505',
  '12.500',
  '12.',
  '.5',
  '012',
  ' 12',
  '12\n',
  '0x10',
  '١٢',
  ' ',
  '.',
  '-0',
  '00',
  '1_000',
  '2.5e1',
  'NaN',
  'Infinity',
  '10000000000',
])('%j is no amount', (text) => {
  expect(centsOf(text)).toBeUndefined();
});

test('every cent comes back from its decimal', () => {
  for (let cents = 0; cents <= 100_000; cents += 1) expect(centsOf(decimalOf(cents))).toBe(cents);
  expect(decimalOf(7)).toBe('0.07');
  expect(decimalOf(1250)).toBe('12.50');
});

test('every cent comes back from its short decimal, which is the number as it is printed', () => {
  for (let cents = 0; cents <= 100_000; cents += 1) {
    expect(centsOf(shortDecimalOf(cents))).toBe(cents);
    expect(shortDecimalOf(cents)).toBe(String(Number(decimalOf(cents))));
  }
});
