import type { DocumentReference, Firestore, Timestamp } from '../firestore/client';
import { z } from 'zod';
import { MINUTE_MS } from '../config/limits';
import { LOOKS } from '../firestore/collections';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';

const lookFields = {
  /** All that the gateway lists up to here is booked. */
  until: ['until', date],
  /** The span of the next look, in ms: shorter after one that was too much for a run. */
  spanMs: ['span_ms', z.int().min(1)],
} as const;

const storedLook = defineDocument(lookFields);

/** How far the list of a gateway was gone through. */
export interface Look extends FieldValues<typeof lookFields> {
  /** The version that was read; undefined before the first look. */
  readonly version: Timestamp | undefined;
}

/** The mark that each gateway's list is gone through up to. */
export class Looks {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * @param first the first look. A mark that a person has made unreadable is as none.
   * @throws Unavailable when Firestore does not answer.
   */
  async read(gateway: string, first: Omit<Look, 'version'>): Promise<Look> {
    const stored = await withDeadline(this.#document(gateway).get());
    const { data } = storedLook.safeParse(stored.data());
    return { ...(data ?? first), version: stored.updateTime };
  }

  /**
   * Moves the mark on, unless another run has moved it.
   * @param spanMs of the next look.
   * @returns the look from there; undefined when another run was faster.
   */
  move(gateway: string, look: Look, until: Date, spanMs: number): Promise<Look | undefined> {
    return this.#write(gateway, { ...look, until, spanMs });
  }

  /** Makes the next look shorter: this one did not end within a run. */
  narrow(gateway: string, look: Look): Promise<Look | undefined> {
    return this.#write(gateway, { ...look, spanMs: Math.max(look.spanMs / 2, MINUTE_MS) });
  }

  async #write(gateway: string, look: Look): Promise<Look | undefined> {
    const { version, ...values } = look;
    const fields = storedLook.encode({ ...values, spanMs: Math.ceil(values.spanMs) });
    const document = this.#document(gateway);
    if (version === undefined) {
      const created = await createOnce(document, fields);
      return created && { ...look, version: created };
    }
    let written: Timestamp | undefined;
    await tryWrite(
      document
        .update(fields, { lastUpdateTime: version })
        .then(({ writeTime }) => (written = writeTime)),
    );
    return written && { ...look, version: written };
  }

  #document(gateway: string): DocumentReference {
    return this.#firestore.collection(LOOKS).doc(gateway);
  }
}

export function openLooks(): Looks {
  return new Looks(openFirestore());
}
