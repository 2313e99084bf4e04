/** A place in a body: names of fields, and numbers of a list's entries. */
type Path = readonly (string | number)[];

/** A body that differs from the genuine one in one field. */
export interface StrangeBody {
  readonly body: Buffer;
  /** Names of fields, joined by dots. */
  readonly path: string;
  /** In words. */
  readonly value: string;
}

const LEFT_OUT = Symbol('left out');

/** In a form there are only texts. */
const texts: readonly unknown[] = [LEFT_OUT, '', 'un/read able', '1e300', '-1'];
const values: readonly unknown[] = [LEFT_OUT, null, 'un/read able \ud800', {}, 1e300];

/** The genuine body, a form or JSON, with one strange value: each value in each field. */
export function* strangeBodies(genuine: Buffer): Generator<StrangeBody> {
  const text = genuine.toString().trim();
  const isForm = !/^[{[]/.test(text);
  const fields: unknown = isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text);
  for (const path of pathsIn(fields)) {
    for (const value of isForm ? texts : values) {
      // A list without its first entry is another list, and nothing strange.
      if (value === LEFT_OUT && path.at(-1) === 0) continue;
      const changed = replaced(fields, path, value);
      const body = isForm
        ? new URLSearchParams(changed as Record<string, string>).toString()
        : JSON.stringify(changed);
      yield { body: Buffer.from(body), path: path.join('.'), value: shown(value) };
    }
  }
}

/** Of a list only the first entry, because the others are read alike. */
function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (Array.isArray(value)) {
    if (value.length > 0) yield* pathsIn(value[0], [...path, 0]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) yield* pathsIn(inner, [...path, name]);
  }
}

function shown(value: unknown): string {
  return value === LEFT_OUT ? 'left out' : JSON.stringify(value);
}

function replaced(whole: unknown, [name, ...rest]: Path, value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(whole)) {
    const entries = whole.map((entry, at): unknown =>
      at === name ? replaced(entry, rest, value) : entry,
    );
    return entries.filter((entry) => entry !== LEFT_OUT);
  }
  const fields = Object.entries(whole as object).map(([key, inner]): [string, unknown] => [
    key,
    key === name ? replaced(inner, rest, value) : inner,
  ]);
  return Object.fromEntries(fields.filter(([, inner]) => inner !== LEFT_OUT));
}
