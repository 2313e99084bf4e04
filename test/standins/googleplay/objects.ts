import type { Sale, Voided } from './shop.ts';

/** A sale as `purchases.productsv2` shows it. What has no value is left out. */
export function purchaseOf(sale: Sale): object {
  return {
    kind: 'androidpublisher#productPurchaseV2',
    ...(sale.orderId !== null && { orderId: sale.orderId }),
    regionCode: 'PL',
    ...(sale.completedAt !== null && { purchaseCompletionTime: sale.completedAt }),
    ...(sale.accountId !== null && { obfuscatedExternalAccountId: sale.accountId }),
    ...(sale.test && { testPurchaseContext: { fopType: 'TEST' } }),
    acknowledgementState: sale.consumed
      ? 'ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED'
      : 'ACKNOWLEDGEMENT_STATE_PENDING',
    purchaseStateContext: { purchaseState: sale.state },
    productLineItem: [
      {
        productId: sale.productId,
        productOfferDetails: {
          quantity: sale.quantity,
          refundableQuantity: sale.refundableQuantity,
          consumptionState: sale.consumed
            ? 'CONSUMPTION_STATE_CONSUMED'
            : 'CONSUMPTION_STATE_YET_TO_BE_CONSUMED',
        },
      },
    ],
  };
}

/** Its order, as `orders` shows it. */
export function orderOf(sale: Sale): object {
  return {
    orderId: sale.orderId,
    purchaseToken: sale.token,
    state: sale.orderState,
    total: sale.total,
    developerRevenueInBuyerCurrency: sale.revenue ?? sale.total,
    ...(sale.points && { pointsDetails: sale.points }),
    lineItems: [
      {
        productId: sale.productId,
        total: sale.total,
        oneTimePurchaseDetails: { quantity: sale.quantity },
      },
    ],
  };
}

/** A refund, as `purchases.voidedpurchases` lists it. */
export function voidedOf({ token, orderId, at, quantity }: Voided): object {
  return {
    kind: 'androidpublisher#voidedPurchase',
    purchaseToken: token,
    ...(orderId !== null && { orderId }),
    voidedTimeMillis: String(at),
    voidedSource: 0,
    voidedReason: 1,
    ...(quantity !== null && { voidedQuantity: quantity }),
  };
}
