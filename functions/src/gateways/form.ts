/** The fields of an `application/x-www-form-urlencoded` body, by name. */
export type Form = ReadonlyMap<string, string>;

/** Undefined when a name comes twice: what a signature then covers is anyone's guess. */
export function formOf(body: Buffer): Form | undefined {
  const pairs = [...new URLSearchParams(body.toString('utf8'))];
  const form = new Map(pairs);
  return form.size === pairs.length ? form : undefined;
}
