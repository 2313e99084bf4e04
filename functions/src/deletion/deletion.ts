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

/** What a deletion is carried out with. */
export interface DeletionParts {
  readonly deletions: Pick<Deletions, keyof Deletions>;
  readonly erasure: Pick<Erasure, 'erase'>;
  /** Deletes a user of Firebase Authentication; one who is not there is no failure. */
  readonly deleteUser: (uid: string) => Promise<void>;
  readonly config: DeletionConfig;
  readonly now: () => Date;
}

/** Deletions read at a time. */
const PAGE = 100;

/**
 * Deletes an account. First it is written down that it is to be deleted: from then on it will be,
 * wherever this process ends. Then the user goes, and with them every token; then what names them.
 * Every step may be repeated.
 */
export class CustomerDeletion {
  readonly #parts: DeletionParts;

  constructor(parts: DeletionParts) {
    this.#parts = parts;
  }

  /**
   * Returns when nobody can sign in as this user any more; what could not be erased by then is
   * erased by the schedule.
   * @throws Unavailable when that could not be done now. It may be repeated, and need not be.
   */
  async request(uid: string): Promise<void> {
    const { deletions, now } = this.#parts;
    // No such uid has ever been written down, and it could name no document.
    if (!firebaseUid.safeParse(uid).success) return this.#parts.deleteUser(uid);
    const at = now();
    const deletion = await deletions.request(uid, at, later(at, DELETION_RETRY_MS));
    await this.#parts.deleteUser(uid);
    await this.#erase(deletion, later(at, INLINE_ERASURE_MS)).catch((error: unknown) => {
      log.failure(error, { function: 'app-deleteCustomer' });
    });
  }

  /**
   * Goes on with every deletion whose time has come.
   * @param until none is begun after it.
   */
  async resume(until: Date): Promise<void> {
    const { deletions, now } = this.#parts;
    for (;;) {
      const due = await deletions.due(now(), PAGE);
      for (const deletion of due) {
        if (now() > until) return;
        // Put off before it is tried: one that fails holds up no other.
        await deletions.schedule(deletion, later(now(), DELETION_RETRY_MS));
        await this.#finish(deletion, until).catch((error: unknown) => {
          log.failure(error, { function: 'app-eraseCustomers' });
        });
      }
      if (due.length < PAGE) return;
    }
  }

  async #finish(deletion: Deletion, until: Date): Promise<void> {
    // A uid may be given out anew: who is deleted for good is not deleted again.
    if (deletion.erasedAt === null) await this.#parts.deleteUser(deletion.uid);
    await this.#erase(deletion, until);
  }

  async #erase(deletion: Deletion, until: Date): Promise<void> {
    const { deletions, erasure, config, now } = this.#parts;
    const { erased, left, isThrough } = await erasure.erase(deletion, until);
    const isDone = isThrough && left === 0;
    const isNews = erased > 0 || deletion.erasedAt === null;
    if (isNews) {
      const message = isDone
        ? 'a deleted account is erased'
        : 'a deleted account is not yet erased';
      log.info(message, { rows: erased, left });
    }
    const keptUntil = later(deletion.requestedAt, config.keptDays * DAY_MS);
    if (isDone && now() > keptUntil) return deletions.forget(deletion.uid);
    const erasedAt = isDone && isNews ? now() : deletion.erasedAt;
    const pause = isDone ? DELETION_RECHECK_MS : DELETION_RETRY_MS;
    await deletions.schedule({ ...deletion, erasedAt }, later(now(), pause));
  }
}

function later(at: Date, ms: number): Date {
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
