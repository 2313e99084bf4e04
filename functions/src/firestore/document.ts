import { Timestamp } from './client/timestamp';
import { z } from 'zod';

/** A time: a timestamp in a document, a Date in the code. */
export const date = z.codec(z.instanceof(Timestamp), z.date(), {
  decode: (timestamp) => timestamp.toDate(),
  encode: (time) => Timestamp.fromDate(time),
});

/** By the name of a field in the code: its name in the document, and its schema. */
export type Fields = Readonly<Record<string, readonly [name: string, schema: z.ZodType]>>;

/** What the code holds of a document with these fields. */
export type FieldValues<F extends Fields> = Readonly<
  z.output<z.ZodObject<{ [Key in keyof F]: F[Key][1] }>>
>;

/** What Firestore holds of it. */
type StoredFields<F extends Fields> = z.ZodObject<{ [Key in keyof F as F[Key][0]]: F[Key][1] }>;

type DocumentCodec<F extends Fields> = z.ZodCodec<
  StoredFields<F>,
  z.ZodCustom<FieldValues<F>, FieldValues<F>>
>;

/**
 * Defines the fields of a document once, for both directions: `parse` reads what Firestore returns,
 * `encode` makes what Firestore is given, `FieldValues` is the type. A field that is not in the list
 * is neither read nor written; an optional one that is undefined is not written. `parse` and
 * `encode` throw a ZodError where a value does not fit its schema.
 */
export function defineDocument<const F extends Fields>(fields: F): DocumentCodec<F> {
  const names = Object.entries(fields).map(([key, [name]]) => [key, name] as const);
  const stored = z.object(Object.fromEntries(Object.values(fields)));
  const codec = z.codec(stored, z.custom<Record<string, unknown>>(), {
    decode: (document) => rename(document, names),
    encode: (values) =>
      rename(
        values,
        names.map(([key, name]) => [name, key]),
      ),
  });
  return codec as unknown as DocumentCodec<F>;
}

/** @param names the new name of each property, then its name in `from`. */
function rename(
  from: Readonly<Record<string, unknown>>,
  names: readonly (readonly [to: string, from: string])[],
): Record<string, unknown> {
  const known = names.filter(([, name]) => from[name] !== undefined);
  return Object.fromEntries(known.map(([to, name]) => [to, from[name]]));
}
