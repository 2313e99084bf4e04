import { Timestamp, type DocumentReference, type Firestore } from 'firebase-admin/firestore';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { CUSTOMERS } from '../firestore/collections';
import { date } from '../firestore/document';

/** Lets one caller of all instances create a customer, however many want to. */
export class CustomerLease {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Takes the lease to create a customer. It is not given back: whoever asks before it runs out
   * has seen the time before the customer was there, and one who died holds up nobody for long.
   * @returns whether the caller has it; false where somebody else creates the customer, or has.
   * @throws Unavailable when Firestore does not answer.
   */
  async lease(uid: string, now: Date, until: Date): Promise<boolean> {
    const document = this.#firestore.collection(CUSTOMERS).doc(uid);
    const fields = { uid, lease_until: Timestamp.fromDate(until) };
    const created = await createOnce(document, fields);
    return created !== undefined || this.#takeOver(document, now, fields);
  }

  /** Only the lease that was read, so that one of many takes it. */
  async #takeOver(
    document: DocumentReference,
    now: Date,
    fields: { readonly uid: string; readonly lease_until: Timestamp },
  ): Promise<boolean> {
    const held = await withDeadline(document.get());
    // Taken away in the meantime, with the account it was for.
    if (held.updateTime === undefined) return false;
    const until = date.safeParse(held.get('lease_until')).data;
    if (until !== undefined && until > now) return false;
    return tryWrite(document.update(fields, { lastUpdateTime: held.updateTime }));
  }
}

export function openCustomerLease(): CustomerLease {
  return new CustomerLease(openFirestore());
}
