import type { Timestamp } from './timestamp';
import { toWire, toWireFields, type DocumentData, type WireFields, type WireValue } from './values';

/** In place of a value: what Firestore does to the field. */
export class FieldValue {
  readonly kind: 'delete' | 'serverTimestamp' | 'increment';
  readonly by: number;

  private constructor(kind: FieldValue['kind'], by = 0) {
    this.kind = kind;
    this.by = by;
  }

  /** Removes the field; only for an update. */
  static delete(): FieldValue {
    return new FieldValue('delete');
  }

  /** The time of the write, by Firestore's clock. */
  static serverTimestamp(): FieldValue {
    return new FieldValue('serverTimestamp');
  }

  /** Adds to a number; a field that is not there, or no number, counts as 0. */
  static increment(by: number): FieldValue {
    return new FieldValue('increment', by);
  }
}

/** A write is refused where this does not hold. */
export interface Precondition {
  readonly exists?: boolean;
  /** The document has not changed since it had this version. */
  readonly lastUpdateTime?: Timestamp;
}

interface FieldTransform {
  readonly fieldPath: string;
  readonly setToServerValue?: 'REQUEST_TIME';
  readonly increment?: WireValue;
}

/** https://firebase.google.com/docs/firestore/reference/rest/v1/Write */
export interface Write {
  readonly update?: { readonly name: string; readonly fields: WireFields };
  readonly delete?: string;
  readonly updateMask?: { readonly fieldPaths: readonly string[] };
  readonly updateTransforms?: readonly FieldTransform[];
  readonly currentDocument?: { readonly exists: boolean } | { readonly updateTime: string };
}

/** Writes a document that does not exist. @throws TypeError for values that Firestore cannot hold. */
export function toCreate(name: string, data: DocumentData): Write {
  return { ...toSet(name, data), currentDocument: { exists: false } };
}

/** Writes a document, whatever was there before. @throws TypeError as `toCreate`. */
export function toSet(name: string, data: DocumentData): Write {
  const { values, transforms } = split(Object.entries(data));
  return { update: { name, fields: toWireFields(Object.fromEntries(values)) }, ...transforms };
}

/**
 * Writes some fields of a document that exists. A name with dots is a field within a map.
 * @throws TypeError as `toCreate`.
 */
export function toUpdate(name: string, data: DocumentData, precondition: Precondition = {}): Write {
  const entries = Object.entries(data);
  const { values, transforms } = split(entries);
  const masked = entries.filter(([, value]) => !isTransform(value)).map(([path]) => quoted(path));
  return {
    update: { name, fields: nested(values) },
    updateMask: { fieldPaths: masked },
    ...transforms,
    currentDocument: toWireCondition(precondition) ?? { exists: true },
  };
}

export function toDelete(name: string, precondition: Precondition = {}): Write {
  const currentDocument = toWireCondition(precondition);
  return { delete: name, ...(currentDocument && { currentDocument }) };
}

/** The path of a field, with its parts quoted where they are no plain names. */
export function quoted(path: string): string {
  return path
    .split('.')
    .map((part) =>
      /^[A-Za-z_]\w*$/.test(part) ? part : `\`${part.replaceAll(/[`\\]/g, '\\$&')}\``,
    )
    .join('.');
}

function isTransform(value: unknown): value is FieldValue {
  return value instanceof FieldValue && value.kind !== 'delete';
}

function split(entries: readonly (readonly [string, unknown])[]) {
  const values = entries.filter(([, value]) => !(value instanceof FieldValue));
  const updateTransforms = entries.flatMap(([path, value]) =>
    isTransform(value) ? [toTransform(quoted(path), value)] : [],
  );
  return { values, transforms: updateTransforms.length > 0 ? { updateTransforms } : {} };
}

function toTransform(fieldPath: string, { kind, by }: FieldValue): FieldTransform {
  return kind === 'increment'
    ? { fieldPath, increment: toWire(by) }
    : { fieldPath, setToServerValue: 'REQUEST_TIME' };
}

/** Maps within maps, from names with dots. */
function nested(entries: readonly (readonly [string, unknown])[]): WireFields {
  const root: Record<string, unknown> = {};
  for (const [path, value] of entries) {
    const parts = path.split('.');
    const last = parts.pop() ?? path;
    let level = root;
    for (const part of parts) level = (level[part] ??= {}) as Record<string, unknown>;
    level[last] = value;
  }
  return toWireFields(root);
}

function toWireCondition({ exists, lastUpdateTime }: Precondition) {
  if (lastUpdateTime !== undefined) return { updateTime: lastUpdateTime.toString() };
  return exists === undefined ? undefined : { exists };
}
