/** Units of time, in milliseconds. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

// Below: when our code stops waiting, and when it tries again. `docs/architecture.md` has the table.

/** A call of Firestore that has no answer by then counts as failed, even if one comes later. */
export const FIRESTORE_DEADLINE_MS = 4_000;

/** The connection of a call of Firestore is closed when no answer has come by then. */
export const FIRESTORE_CALL_MS = 30_000;

/** The pause before a call is tried again that Firestore could not serve just now; the next is longer. */
export const FIRESTORE_RETRY_MS = 100;

/** A connection to Firestore is kept idle for so long: shorter than Google keeps it. */
export const FIRESTORE_IDLE_MS = 2 * MINUTE_MS;

/** The metadata server of Cloud Run, which is on the same machine. */
export const METADATA_TIMEOUT_MS = 2_000;

/** The same for a page of writes, which Firestore answers in several calls. */
export const FIRESTORE_PAGE_DEADLINE_MS = 20_000;

/** What `app-health` knows of Firestore is good for so long. */
export const HEALTH_KNOWN_MS = 10_000;

/** A request for the public keys of App Check. */
export const APP_CHECK_TIMEOUT_MS = 4_000;

/**
 * What a lease to create a customer outlives the call of the Retail API by: three answers of
 * Firestore, and clocks that differ.
 */
export const CUSTOMER_LEASE_MARGIN_MS = 3 * FIRESTORE_DEADLINE_MS + 3_000;

/**
 * A scheduled run begins no new work after this; the work under way has a minute left to end (see
 * `scheduleOptions`).
 */
export const SCHEDULED_RUN_MS = 8 * MINUTE_MS;

/** The part of a `sync-retryUnsynced` run that may go to parked rows, which are few. */
export const RELEASE_RUN_MS = 1 * MINUTE_MS;

/**
 * How long a page of rows is one sweep's alone: shorter than the pause between two sweeps. A page
 * that takes longer repeats calls and credits nothing twice.
 */
export const SWEEP_LEASE_MS = 4 * MINUTE_MS;

/** The pause before a parked row is tried for the first time; later pauses grow. */
export const FIRST_RELEASE_PAUSE_MS = 1 * MINUTE_MS;

/** The longest pause between two tries of a row, a parked row or a purchase. */
export const LONGEST_PAUSE_MS = 6 * HOUR_MS;

/**
 * After this the schedule stops waiting: for the payment that a parked row corrects, for a store
 * purchase to be paid, and for a document of a deleted account that is still in use.
 */
export const GIVE_UP_AFTER_MS = 30 * DAY_MS;

/** How long a store purchase is left to the call that opened it before the schedule takes over. */
export const PURCHASE_LEASE_MS = 5 * MINUTE_MS;

/** Orders of one user that are younger than this count as open until they are paid. */
export const OPEN_ORDER_MS = 1 * HOUR_MS;

/**
 * An order that is not bound counts as open for this long: longer than a gateway's answer takes. No
 * answer came after that, because the process died.
 */
export const HANDOVER_MS = 2 * MINUTE_MS;

/** How long an order waits for the Retail API to say whether the account is on hold. */
export const HOLD_QUESTION_MS = 1_000;

/** How long that answer is kept, or that none came. */
export const HOLD_KNOWN_MS = 1 * MINUTE_MS;

/** An `Idempotency-Key` finds its order for this long. Gateways keep theirs for at least a day. */
export const IDEMPOTENCY_KEY_LIFE_MS = 23 * HOUR_MS;

/** A parked event that was resolved is kept as a trace for this long; then Firestore removes it. */
export const RESOLVED_EVENT_LIFE_MS = 180 * DAY_MS;

/**
 * An order without a payment is kept for this long, three years. A form of Payeer or AnyPay has no
 * end, and a payment that comes after its order is gone is not ours.
 */
export const UNPAID_ORDER_LIFE_MS = 1_096 * DAY_MS;

/** A review is kept for this long. Gateways hold money for a check for at most a few weeks. */
export const REVIEW_LIFE_MS = 180 * DAY_MS;

/** A row that was due for so long is an alert. */
export const LATE_ROW_MS = 1 * HOUR_MS;

/** A webhook that proves no event for so long, and refuses ten, has a wrong setting. */
export const DOOR_WINDOW_MS = 30 * MINUTE_MS;

/** The pause between two questions whether Stripe knows an event that was refused. */
export const STRANGE_EVENT_PAUSE_MS = 1 * MINUTE_MS;

/**
 * The pause before a gateway is asked about a bound order without a payment, or about a parked event.
 * Later pauses grow: see `questionAfter`.
 */
export const FIRST_QUESTION_PAUSE_MS = 5 * MINUTE_MS;

/** The first look into a gateway's own list goes back so far, where the gateway lists as much. */
export const FIRST_LOOK_MS = 30 * DAY_MS;

/** A list that was not gone through for this long is an alert. */
export const LATE_LOOK_MS = 1 * DAY_MS;

/** The longest span of time that one look into a gateway's list covers. */
export const LONGEST_LOOK_MS = 1 * DAY_MS;

/** A refund is one call's alone for this long: longer than the platform lets a call run. */
export const REFUND_CALL_MS = 2 * MINUTE_MS;

/** A refund of the same sum within this time is taken for a repetition, unless it is said not to be. */
export const REFUND_REPEAT_MS = 1 * DAY_MS;

/** A request without a row for so long is an alert. */
export const LATE_REFUND_MS = 1 * DAY_MS;

/** A request may be repeated for this long. PayPal knows its key for 45 days. */
export const REFUND_KEY_LIFE_MS = 30 * DAY_MS;

/** How long `app-deleteCustomer` erases while the caller waits; the schedule erases the rest. */
export const INLINE_ERASURE_MS = 10_000;

/** The pause before a deletion is tried again: shorter than the hour between two runs. */
export const DELETION_RETRY_MS = 30 * MINUTE_MS;

/** The pause before a finished deletion looks again for documents that came late. */
export const DELETION_RECHECK_MS = DAY_MS - HOUR_MS;
