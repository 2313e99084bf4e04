/** The fields of an `application/x-www-form-urlencoded` body, by name. */
export type Form = ReadonlyMap<string, string>;

/** The most fields of a form. Gateways send fewer than thirty. */
const MAX_FIELDS = 60;

/**
 * Parses a form. Returns undefined when it has too many fields, or when a name comes twice: nothing
 * says which of the two values a signature covers.
 */
export function parseForm(body: Buffer): Form | undefined {
  const text = body.toString('utf8');
  if (text.split('&', MAX_FIELDS + 1).length > MAX_FIELDS) return undefined;
  const pairs = [...new URLSearchParams(text)];
  const form = new Map(pairs);
  return form.size === pairs.length ? form : undefined;
}
