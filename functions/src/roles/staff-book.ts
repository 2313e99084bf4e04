import { Timestamp, type DocumentReference, type Firestore } from '../firestore/client';
import { STAFF } from '../firestore/collections';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { openFirestore, withDeadline } from '../firestore/firestore';
import { staffRole, type StaffRole } from './role';

const memberFields = {
  role: ['role', staffRole],
  addedAt: ['added_at', date],
} as const;

const member = defineDocument(memberFields);

/** A member of the staff. */
export interface Member extends FieldValues<typeof memberFields> {
  readonly uid: string;
}

/**
 * The members of the staff. The document says who is one; the custom claim `staff` of the user repeats
 * it, and a call needs both. Every method throws Unavailable when Firestore does not answer.
 */
export class StaffBook {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /** Undefined for a user who is no member, and where a person has written another role. */
  async roleOf(uid: string): Promise<StaffRole | undefined> {
    const stored = await withDeadline(this.#document(uid).get());
    return staffRole.safeParse(stored.get('role')).data;
  }

  /** Adds a member, or changes the role. */
  async put(uid: string, role: StaffRole, now: Date): Promise<void> {
    const fields = { role, added_at: Timestamp.fromDate(now) };
    await withDeadline(this.#document(uid).set(fields));
  }

  /** Removing a user who is no member changes nothing. */
  async remove(uid: string): Promise<void> {
    await withDeadline(this.#document(uid).delete());
  }

  /** All members. A document that cannot be read is no member. */
  async list(): Promise<Member[]> {
    const { docs } = await withDeadline(this.#firestore.collection(STAFF).get());
    return docs.flatMap((stored) => {
      const { data } = member.safeParse(stored.data());
      return data === undefined ? [] : [{ ...data, uid: stored.id }];
    });
  }

  #document(uid: string): DocumentReference {
    return this.#firestore.collection(STAFF).doc(uid);
  }
}

export function openStaffBook(): StaffBook {
  return new StaffBook(openFirestore());
}
