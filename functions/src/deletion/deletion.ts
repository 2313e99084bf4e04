import { deleteUser } from '../auth';
import {
  DAY_MS,
  DELETION_RECHECK_MS,
  DELETION_RETRY_MS,
  INLINE_ERASURE_MS,
} from '../config/limits';
import { openDeletions, type Deletion, type Deletions } from './deletions';
import { openErasure, type Erasure } from './erasure';
import { log } from '../log';
import { once } from '../once';
import { readDeletionConfig, type DeletionConfig } from './config';
import { firebaseUid } from '../ids';

export interface DeletionDeps {
  readonly deletions: Pick<Deletions, keyof Deletions>;
  readonly erasure: Pick<Erasure, 'erase'>;
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
   * Goes on with every deletion that is due.
   * @param until no deletion is begun after it.
   */
  async resume(until: Date): Promise<void> {
    const { deletions, now } = this.#deps;
    for (;;) {
      const due = await deletions.due(now(), PAGE);
      for (const deletion of due) {
        if (now() > until) return;
        // Postponed before it is tried, so that a failing deletion does not stop the others.
        await deletions.schedule(deletion, addMs(now(), DELETION_RETRY_MS));
        await this.#finish(deletion, until).catch((error: unknown) => {
          log.failure(error, { function: 'app-eraseCustomers' });
        });
      }
      if (due.length < PAGE) return;
    }
  }

  async #finish(deletion: Deletion, until: Date): Promise<void> {
    // The uid may belong to a new user by now, so a finished deletion deletes no user.
    if (deletion.erasedAt === null) await this.#deps.deleteUser(deletion.uid);
    await this.#erase(deletion, until);
  }

  async #erase(deletion: Deletion, until: Date): Promise<void> {
    const { deletions, erasure, config, now } = this.#deps;
    const { erased, left, isThrough } = await erasure.erase(deletion, until);
    const isDone = isThrough && left === 0;
    const isNews = erased > 0 || deletion.erasedAt === null;
    if (isNews) {
      const message = isDone
        ? 'a deleted account is erased'
        : 'a deleted account is not yet erased';
      log.info(message, { rows: erased, left });
    }
    const keptUntil = addMs(deletion.requestedAt, config.keptDays * DAY_MS);
    if (isDone && now() > keptUntil) return deletions.forget(deletion.uid);
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
