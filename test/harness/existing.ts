/** The part of a test's setup; throws where it is asked for before the setup has run. */
export function existing<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('only within a test');
  return part;
}
