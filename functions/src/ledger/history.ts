import type { Firestore } from 'firebase-admin/firestore';
import { answered } from '../firestore';
import { ledgerQueries } from './queries';

/** What a user may see of the ledger: their own rows. */
export class History {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * The sum of the rows that the balance does not have yet, in signed US cents.
   * @throws Unavailable when Firestore does not answer.
   */
  async pendingCents(uid: string): Promise<number> {
    const sum = await answered(ledgerQueries.pendingOf(this.#firestore, uid).get());
    return sum.data().cents;
  }
}
