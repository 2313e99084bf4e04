import { Misconfigured, Unusable } from '../../../functions/src/errors.ts';
import { readCatalogue } from '../../../functions/src/stores/catalogue.ts';

const catalogue = readCatalogue({ STORE_PRODUCTS: '{"credits_500":500,"credits.big":9000000}' });

test('a purchase is worth its product times its quantity', () => {
  expect(catalogue.creditCents('credits_500', 1)).toBe(500);
  expect(catalogue.creditCents('credits_500', 3)).toBe(1500);
});

test.each(['credits_501', 'CREDITS_500', 'constructor', '__proto__', ''])(
  'product %p is unknown',
  (productId) => {
    expect(() => catalogue.creditCents(productId, 1)).toThrow(Unusable);
  },
);

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1_001, 1_000_000_000])(
  'no store sells %p of it',
  (quantity) => {
    expect(() => catalogue.creditCents('credits_500', quantity)).toThrow(Unusable);
  },
);

test('more than the Retail API takes at once is unusable', () => {
  expect(() => catalogue.creditCents('credits.big', 2)).toThrow(Unusable);
});

test.each([
  undefined,
  '',
  'credits',
  '[]',
  '{}',
  'null',
  '{"secret-product":0}',
  '{"secret-product":-1}',
  '{"secret-product":4.99}',
  '{"secret-product":"499"}',
  '{"secret-product":10000001}',
  '{"secret product":499}',
])('%p is no catalogue; the complaint names the variable and nothing of it', (text) => {
  const read = () => readCatalogue({ STORE_PRODUCTS: text });
  expect(read).toThrow(Misconfigured);
  expect(read).toThrow(/^Configuration: STORE_PRODUCTS [^;]+$/);
  expect(read).not.toThrow(/secret/);
});
