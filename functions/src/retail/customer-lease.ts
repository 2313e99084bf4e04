import { Timestamp, type DocumentReference, type Firestore } from '../firestore/client';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { CUSTOMERS } from '../firestore/collections';
import { date } from '../firestore/document';

/** Lets one call, among all instances, create a customer. */
export class CustomerLease {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Takes the lease to create a customer. The lease is not given back: a caller that asks before it
   * runs out had looked before the customer existed. The lease of a call that died soon runs out.
   * @returns whether the caller has the lease; false when another call creates the customer, or has.
   * @throws Unavailable when Firestore does not answer.
   */
  async lease(uid: string, now: Date, until: Date): Promise<boolean> {
    const document = this.#firestore.collection(CUSTOMERS).doc(uid);
    const fields = { uid, lease_until: Timestamp.fromDate(until) };
    const created = await createOnce(document, fields);
    return created !== undefined || this.#takeOver(document, now, fields);
  }

  /** Replaces only the lease that was read, so that one call of many takes it. */
  async #takeOver(
    document: DocumentReference,
    now: Date,
    fields: { readonly uid: string; readonly lease_until: Timestamp },
  ): Promise<boolean> {
    const held = await withDeadline(document.get());
    // The lease was erased in the meantime, with its account.
    if (held.updateTime === undefined) return false;
    const until = date.safeParse(held.get('lease_until')).data;
    if (until !== undefined && until > now) return false;
    return tryWrite(document.update(fields, { lastUpdateTime: held.updateTime }));
  }
}

export function openCustomerLease(): CustomerLease {
  return new CustomerLease(openFirestore());
}
