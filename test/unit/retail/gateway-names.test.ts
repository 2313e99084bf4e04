import { retailNameOf } from '../../../functions/src/retail/gateway-names.ts';

test('the Retail API’s own spelling where it has one, ours elsewhere', () => {
  expect(['googleplay', 'appstore', 'stripe'].map(retailNameOf)).toEqual([
    'gplay',
    'appstore',
    'stripe',
  ]);
});
