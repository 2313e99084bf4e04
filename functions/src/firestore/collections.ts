/** The names of all collections. A test holds the erasure of an account against this list. */

/** Payment rows, one document a movement, named by its payment id. */
export const PAYMENTS = 'tn_payments';

/** Authentic events that cannot become a row yet, or not without a person. */
export const PARKED_EVENTS = 'tn_parked_events';

/** Orders, one document each, named by the order id. */
export const ORDERS = 'tn_orders';

/** Orders whose money a gateway holds for a check, one document each, named by the order id. */
export const REVIEWS = 'tn_reviews';

/** What stores have sold, one document each, named `{gateway}_{receipt id}`. */
export const RECEIPTS = 'tn_receipts';

/** Store purchases that wait for something, one document each, named by the receipt. */
export const PENDING_PURCHASES = 'tn_open_purchases';

/** Leases to create a customer of the Retail API, one document a user, named by the uid. */
export const CUSTOMERS = 'tn_customers';

/** Deletions of accounts, one document each, named by the uid. */
export const DELETIONS = 'tn_deletions';
