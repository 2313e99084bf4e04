import {
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
