import type { Firestore, QueryDocumentSnapshot } from '../firestore/client';
import { GIVE_UP_AFTER_MS } from '../config/limits';
import { openFirestore, withDeadline } from '../firestore/firestore';
import { log } from '../log';
import { updateEach } from '../firestore/conditional-updates';
import type { Deletion } from './deletions';
import { namedByUid, personalFields, type PersonalFields } from './personal-data';
import { PAY_BACK, PAYMENT_AFTER_DELETION } from '../ledger/sync-fault';

/** How many documents of a user were erased. */
export interface Erased {
  readonly erased: number;
  /** Documents that are still in use, or changed in the same moment. */
  readonly left: number;
  /** False when the time was over before the last document. */
  readonly isThrough: boolean;
}

const PAGE = 300;

/** Removes a uid from all documents that hold it. Other fields stay as they are. */
export class Erasure {
  readonly #firestore: Firestore;
  readonly #now: () => Date;
  readonly #pageSize: number;

  constructor(firestore: Firestore, now: () => Date, pageSize = PAGE) {
    this.#firestore = firestore;
    this.#now = now;
    this.#pageSize = pageSize;
  }

  /**
   * May be repeated: it then erases documents that are new or were left.
   * @param until no further page is begun after it.
   * @throws Unavailable when Firestore does not answer.
   */
  async erase(deletion: Deletion, until: Date): Promise<Erased> {
    const sum = { erased: 0, left: 0 };
    for (const one of personalFields) {
      for await (const page of this.#pages(one, deletion.uid)) {
        if (this.#now() > until) return { ...sum, isThrough: false };
        const { erased, left } = await this.#erasePage(one, page, deletion);
        sum.erased += erased;
        sum.left += left;
      }
    }
    for (const collection of namedByUid) {
      await withDeadline(this.#firestore.collection(collection).doc(deletion.uid).delete());
    }
    return { ...sum, isThrough: true };
  }

  /**
   * Finds the users of whom any document is left, among `MOST_VALUES` users at the most. All of them
   * are looked for at once.
   * @throws Unavailable when Firestore does not answer.
   */
  async holders(uids: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await Promise.all([
      ...personalFields.map((one) => this.#holdersIn(one, uids)),
      ...namedByUid.map((collection) => this.#namedIn(collection, uids)),
    ]);
    return new Set(found.flat());
  }

  async #holdersIn(
    { field, nameOf = (uid) => uid, of }: PersonalFields,
    uids: readonly string[],
  ): Promise<string[]> {
    const byValue = new Map(uids.map((uid) => [nameOf(uid), uid]));
    const query = of(this.#firestore, [...byValue.keys()]).limit(this.#pageSize);
    const { docs } = await withDeadline(query.get());
    // Behind a full page there may be more users.
    if (docs.length === this.#pageSize) return [...uids];
    return docs.flatMap((document) => byValue.get(String(document.get(field))) ?? []);
  }

  async #namedIn(collection: string, uids: readonly string[]): Promise<string[]> {
    const named = uids.map((uid) => this.#firestore.collection(collection).doc(uid));
    const found = await withDeadline(this.#firestore.getAll(...named));
    return found.filter(({ exists }) => exists).map(({ id }) => id);
  }

  async *#pages(
    { of, nameOf = (one) => one }: PersonalFields,
    uid: string,
  ): AsyncGenerator<readonly QueryDocumentSnapshot[]> {
    const query = of(this.#firestore, [nameOf(uid)]).limit(this.#pageSize);
    let { docs: page } = await withDeadline(query.get());
    for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
      yield page;
      if (page.length < this.#pageSize) return;
      ({ docs: page } = await withDeadline(query.startAfter(last).get()));
    }
  }

  async #erasePage(
    { isInUse, isMoney, erased }: PersonalFields,
    page: readonly QueryDocumentSnapshot[],
    { requestedAt }: Deletion,
  ): Promise<Pick<Erased, 'erased' | 'left'>> {
    const ready = page.filter((document) => {
      const since = Math.max(requestedAt.getTime(), document.createTime.toMillis());
      return isInUse?.(document) !== true || this.#now().getTime() - since > GIVE_UP_AFTER_MS;
    });
    for (const document of ready) {
      // Alerted before the erasure, so that a crash between the two repeats the alert.
      const isLate = document.createTime.toDate() > requestedAt;
      if (isLate && isMoney?.(document) === true) {
        log.alert(PAYMENT_AFTER_DELETION, {
          payment_id: document.id,
          next_step: PAY_BACK,
        });
      }
    }
    const updates = ready.map((document) => ({
      document: document.ref,
      version: document.updateTime,
      fields: erased(document),
      about: { reason: 'erasure' },
    }));
    const written = await updateEach(this.#firestore, updates);
    const count = written.filter((time) => time !== undefined).length;
    return { erased: count, left: page.length - count };
  }
}

export function openErasure(now: () => Date): Erasure {
  return new Erasure(openFirestore(), now);
}
