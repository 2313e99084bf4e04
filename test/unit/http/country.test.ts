import { countryOf } from '../../../functions/src/http/country.ts';

const LETTERS = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));
const pairs = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));

test('the codes are the 249 assigned ones, each of a place that has a name', () => {
  const codes = pairs.filter((pair) => countryOf(pair) !== null);
  expect(codes).toHaveLength(249);
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  expect(codes.filter((code) => names.of(code) === undefined)).toEqual([]);
});

test.each(['UK', 'EU', 'XK', 'AA', 'ZZ', 'de', 'DEU', '', ' DE', 276, null, undefined, ['DE']])(
  '%j is none',
  (code) => {
    expect(countryOf(code)).toBeNull();
  },
);
