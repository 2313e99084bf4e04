/** The fields of an `application/x-www-form-urlencoded` body, by name. */
export type Form = ReadonlyMap<string, string>;

/**
 * Parses a form. Returns undefined when a name comes twice: nothing says which of the two values a
 * signature covers.
 */
export function parseForm(body: Buffer): Form | undefined {
  const pairs = [...new URLSearchParams(body.toString('utf8'))];
  const form = new Map(pairs);
  return form.size === pairs.length ? form : undefined;
}
