/** What the App Store signs, before it is signed; times in milliseconds since the epoch. */
export interface TransactionPayload {
  transactionId: string;
  originalTransactionId: string;
  bundleId: string;
  productId: string;
  type: string;
  quantity: number;
  purchaseDate: number;
  originalPurchaseDate: number;
  signedDate: number;
  inAppOwnershipType: string;
  transactionReason: string;
  environment: string;
  storefront: string;
  currency: string;
  /** Thousandths of the currency, for the whole quantity. */
  price: number;
  appAccountToken?: string;
  revocationDate?: number;
  revocationReason?: number;
  revocationType?: string;
  /** Thousandths of a percent. */
  revocationPercentage?: number;
}

export interface NotificationPayload {
  notificationType: string;
  subtype?: string;
  notificationUUID: string;
  version: '2.0';
  signedDate: number;
  data: {
    appAppleId?: number;
    bundleId: string;
    bundleVersion: string;
    environment: string;
    /** A JWS; absent in a TEST. */
    signedTransactionInfo?: string;
  };
}
