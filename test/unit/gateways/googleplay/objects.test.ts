import {
  purchaseSchema,
  voidedListSchema,
  voidedPurchaseSchema,
} from '../../../../functions/src/gateways/googleplay/objects.ts';

const purchaseToken = 'a'.repeat(40);

test.each([null, undefined, 'GPA/other', 7])(
  'a listed refund with the order id %j is not dropped',
  (orderId) => {
    expect(voidedPurchaseSchema.parse({ purchaseToken, orderId })).toEqual({
      token: purchaseToken,
      googleOrderId: null,
      isWhole: true,
      voidedAt: new Date(0),
    });
  },
);

test.each([null, undefined, {}, { nextPageToken: null }, { nextPageToken: '' }])(
  'a list with the pagination %j ends, and keeps its refunds',
  (tokenPagination) => {
    const { voidedPurchases, ...rest } = voidedListSchema.parse({
      voidedPurchases: [{ purchaseToken }],
      tokenPagination,
    });
    expect(voidedPurchases).toHaveLength(1);
    expect(rest.tokenPagination?.nextPageToken).toBeUndefined();
  },
);

test.each([7, { nextPageToken: 7 }])('a list with the pagination %j is half a page', (broken) => {
  expect(voidedListSchema.safeParse({ tokenPagination: broken }).success).toBe(false);
});

test.each<[object, object]>([
  [{ purchaseCompletionTime: '0000-01-01T00:00:00Z' }, {}],
  [{ purchaseCompletionTime: '9999-12-31T23:59:59-14:00' }, {}],
  [{}, { quantity: 9_007_199_254_740_991 }],
])('a purchase that Firestore cannot hold is not taken: %j %j', (patch, details) => {
  const purchase = (changed: object, offer: object) => ({
    orderId: 'GPA.1',
    purchaseStateContext: { purchaseState: 'PURCHASED' },
    purchaseCompletionTime: '2026-11-01T10:00:00Z',
    productLineItem: [{ productId: 'credits_500', productOfferDetails: offer }],
    ...changed,
  });
  expect(purchaseSchema.safeParse(purchase({}, {})).success).toBe(true);
  expect(purchaseSchema.safeParse(purchase(patch, details)).success).toBe(false);
});
