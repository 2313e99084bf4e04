import { deleteUser } from '../auth';
import {
  DAY_MS,
  DELETION_RECHECK_MS,
  DELETION_RETRY_MS,
  INLINE_ERASURE_MS,
} from '../config/limits';
import { inGroups } from '../firestore/queries';
import { openDeletions, type Deletion, type Deletions, type DueDeletion } from './deletions';
import { openErasure, type Erasure } from './erasure';
import { log } from '../log';
import { once } from '../once';
import { readDeletionConfig, type DeletionConfig } from './config';
import { firebaseUid } from '../ids';

export interface DeletionDeps {
  readonly deletions: Pick<Deletions, keyof Deletions>;
  readonly erasure: Pick<Erasure, 'erase' | 'holders'>;
  /** Deletes a user of Firebase Authentication. A user who does not exist is not an error. */
  readonly deleteUser: (uid: string) => Promise<void>;
  readonly config: DeletionConfig;
  readonly now: () => Date;
}

/** Deletions read at a time. */
const PAGE = 100;

/**
 * Deletes an account. The first step writes the deletion down: from then on it will be carried out,
 * even if this process ends. The second step deletes the user, and with the user every token. The
 * third step erases the uid from the documents. Every step may be repeated.
 */
export class CustomerDeletion {
  readonly #deps: DeletionDeps;

  constructor(deps: DeletionDeps) {
    this.#deps = deps;
  }

  /**
   * Returns when a sign-in as this user is no longer possible. The schedule erases the documents that
   * could not be erased in time.
   * @throws Unavailable when the user could not be deleted now. The call may be repeated, but the
   *   schedule goes on without it once the deletion is written down.
   */
  async request(uid: string): Promise<void> {
    const { deletions, now } = this.#deps;
    // No document can hold or be named by such a uid.
    if (!firebaseUid.safeParse(uid).success) return this.#deps.deleteUser(uid);
    const at = now();
    const deletion = await deletions.request(uid, at, addMs(at, DELETION_RETRY_MS));
    await this.#deps.deleteUser(uid);
    await this.#erase(deletion, addMs(at, INLINE_ERASURE_MS)).catch((error: unknown) => {
      log.failure(error, { function: 'app-deleteCustomer' });
    });
  }

  /**
   * Goes on with every deletion that is due. Finished ones are looked at many at a time, and only
   * those whose user has a document again are gone through.
   * @param until no deletion is begun after it.
   */
  async resume(until: Date): Promise<void> {
    const { deletions, now } = this.#deps;
    for (;;) {
      const due = await deletions.due(now(), PAGE);
      const goneThrough = await this.#recheck(due, until);
      for (const deletion of goneThrough) {
        if (now() > until) return;
        // Postponed before it is tried, so that a failing deletion does not stop the others.
        await deletions.schedule(deletion, addMs(now(), DELETION_RETRY_MS));
        await this.#finish(deletion, until).catch((error: unknown) => {
          log.failure(error, { function: 'app-eraseCustomers' });
        });
      }
      if (due.length < PAGE || now() > until) return;
    }
  }

  /**
   * Postpones the finished deletions with nothing new under their uid.
   * @returns the others.
   */
  async #recheck(due: readonly DueDeletion[], until: Date): Promise<Deletion[]> {
    const { deletions, erasure, now } = this.#deps;
    const kept = (one: Deletion) => one.erasedAt !== null && now() <= this.#keptUntil(one);
    const others = due.filter((one) => !kept(one));
    for (const group of inGroups(due.filter(kept))) {
      if (now() > until) return others;
      const uids = group.map(({ uid }) => uid);
      const holders = await erasure.holders(uids).catch((error: unknown) => {
        log.failure(error, { function: 'app-eraseCustomers' });
        return new Set(uids);
      });
      others.push(...group.filter(({ uid }) => holders.has(uid)));
      const quiet = group.filter(({ uid }) => !holders.has(uid));
      await deletions.postpone(quiet, addMs(now(), DELETION_RECHECK_MS));
    }
    return others;
  }

  #keptUntil({ requestedAt }: Deletion): Date {
    return addMs(requestedAt, this.#deps.config.keptDays * DAY_MS);
  }

  async #finish(deletion: Deletion, until: Date): Promise<void> {
    // The uid may belong to a new user by now, so a finished deletion deletes no user.
    if (deletion.erasedAt === null) await this.#deps.deleteUser(deletion.uid);
    await this.#erase(deletion, until);
  }

  async #erase(deletion: Deletion, until: Date): Promise<void> {
    const { deletions, erasure, now } = this.#deps;
    const { erased, left, isThrough } = await erasure.erase(deletion, until);
    const isDone = isThrough && left === 0;
    const isNews = erased > 0 || deletion.erasedAt === null;
    if (isNews) {
      const message = isDone
        ? 'a deleted account is erased'
        : 'a deleted account is not yet erased';
      log.info(message, { rows: erased, left });
    }
    if (isDone && now() > this.#keptUntil(deletion)) return deletions.forget(deletion.uid);
    const erasedAt = isDone && isNews ? now() : deletion.erasedAt;
    const pause = isDone ? DELETION_RECHECK_MS : DELETION_RETRY_MS;
    await deletions.schedule({ ...deletion, erasedAt }, addMs(now(), pause));
  }
}

function addMs(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

export const openDeletion = once(() => {
  const now = () => new Date();
  return new CustomerDeletion({
    deletions: openDeletions(),
    erasure: openErasure(now),
    deleteUser,
    config: readDeletionConfig(),
    now,
  });
});
