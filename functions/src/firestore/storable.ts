import { createHash } from 'node:crypto';

/** The bounds of a parked event. The events of gateways are far smaller. */
const MOST_CHARACTERS = 2_000;
const MOST_ENTRIES = 200;
const MOST_LEVELS = 8;

/**
 * Copies a value into a form that Firestore stores. `undefined`, functions and parts that are nested too
 * deeply are left out. A list within a list and an infinite number become text.
 */
export function toStorable(value: unknown, levels = MOST_LEVELS): unknown {
  switch (typeof value) {
    case 'string':
      // Half of a surrogate pair is no text that Firestore takes.
      return value.slice(0, MOST_CHARACTERS).toWellFormed();
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? null : toStorableObject(value, levels);
    default:
      return undefined;
  }
}

function toStorableObject(value: object, levels: number): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (levels === 0) return undefined;
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ENTRIES).map((item): unknown => {
      return Array.isArray(item) ? JSON.stringify(item) : toStorable(item, levels - 1);
    });
    return items.filter((item) => item !== undefined);
  }
  const entries = Object.entries(value)
    .slice(0, MOST_ENTRIES)
    .map(([key, entry]) => [key, toStorable(entry, levels - 1)] as const)
    .filter(([key, entry]) => entry !== undefined && isFieldName(key));
  return Object.fromEntries(entries);
}

function isFieldName(key: string): boolean {
  return key !== '' && key.length <= 500 && key.isWellFormed() && !/^__.*__$/.test(key);
}

/**
 * Makes the id of a document from texts that may come from outside. A text that Firestore takes stays
 * readable. From any other text the id is a hash.
 */
export function toDocumentId(...parts: readonly string[]): string {
  const id = parts.join('_');
  if (/^(?!\.{1,2}$|__.*__$)[\w.:@+=-]{1,400}$/.test(id)) return id;
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${id.replaceAll(/[^\w-]/g, '').slice(0, 60)}_${hash.slice(0, 32)}`;
}
