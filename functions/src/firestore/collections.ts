/** The names of all collections. A test compares the erasure of an account with this list. */

/** Payment rows: one document for each movement, named by its payment id. */
export const PAYMENTS = 'tn_payments';

/** Authentic events that cannot become a row yet, or need a person first. */
export const PARKED_EVENTS = 'tn_parked_events';

/** Refunds that failed before they were booked, named by the refund's payment id. */
export const VOIDED_REFUNDS = 'tn_voided_refunds';

/** One document for each corrected payment, named by its payment id: see `Corrections`. */
export const PAYMENT_LOCKS = 'tn_payment_locks';

/** Orders, named by the order id. */
export const ORDERS = 'tn_orders';

/** Orders whose money a gateway holds for a check, named by the order id. */
export const REVIEWS = 'tn_reviews';

/** Sales of the stores, named `{gateway}_{receipt id}`. */
export const RECEIPTS = 'tn_receipts';

/** Store purchases that wait for something, named `{gateway}_{receipt id}_{awaits}`. */
export const PENDING_PURCHASES = 'tn_open_purchases';

/** Purchases that a store reports before their buyer has called, named `{gateway}_{receipt id}`. */
export const UNCLAIMED_PURCHASES = 'tn_unclaimed_purchases';

/** Leases to create a customer of the Retail API, named by the uid. */
export const CUSTOMERS = 'tn_customers';

/** Deletions of accounts, named by the uid. */
export const DELETIONS = 'tn_deletions';

/** How far the own list of each gateway was gone through, named by the gateway. */
export const LOOKS = 'tn_looks';

/** What the staff books by hand, or asks a second person for: see `Adjustments`. */
export const ADJUSTMENTS = 'tn_adjustments';

/** Refunds that the staff has asked a gateway for: see `RefundRequests`. */
export const REFUND_REQUESTS = 'tn_refund_requests';

/** Members of the staff and their roles, named by the uid: see `StaffBook`. */
export const STAFF = 'tn_staff';

/** One line for each act of a member of the staff: see `AuditBook`. */
export const AUDIT = 'tn_audit';
