import { Timestamp } from './timestamp';

/** A value as Firestore's REST API writes it: https://firebase.google.com/docs/firestore/reference/rest/v1/Value. */
export type WireValue =
  | { readonly nullValue: null }
  | { readonly booleanValue: boolean }
  | { readonly integerValue: string }
  | { readonly doubleValue: number | string }
  | { readonly timestampValue: string }
  | { readonly stringValue: string }
  | { readonly bytesValue: string }
  | { readonly referenceValue: string }
  | { readonly geoPointValue: { readonly latitude?: number; readonly longitude?: number } }
  | { readonly arrayValue: { readonly values?: readonly WireValue[] } }
  | { readonly mapValue: { readonly fields?: WireFields } };

export type WireFields = Readonly<Record<string, WireValue>>;

/** What a document holds, by the name of the field. */
export type DocumentData = Readonly<Record<string, unknown>>;

/** @throws TypeError for a value that Firestore cannot hold, such as undefined. */
export function toWire(value: unknown): WireValue {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { booleanValue: value };
    case 'number':
      return numberToWire(value);
    case 'object':
      return value === null ? { nullValue: null } : objectToWire(value);
    default:
      throw new TypeError(`Firestore holds no ${typeof value}.`);
  }
}

export function toWireFields(data: DocumentData): WireFields {
  const fields: Record<string, WireValue> = {};
  for (const [name, value] of Object.entries(data)) fields[name] = toWire(value);
  return fields;
}

function numberToWire(value: number): WireValue {
  if (Number.isSafeInteger(value)) return { integerValue: String(value) };
  return { doubleValue: Number.isFinite(value) ? value : String(value) };
}

function objectToWire(value: object): WireValue {
  if (value instanceof Timestamp) return { timestampValue: value.toString() };
  if (value instanceof Date) return { timestampValue: Timestamp.fromDate(value).toString() };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toWire) } };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`Firestore holds no ${value.constructor.name}.`);
  }
  return { mapValue: { fields: toWireFields(value as DocumentData) } };
}

/**
 * Reads a value. What we never write, and a person may have written, is read as what it is nearest to: a
 * reference as the name of its document, a point as its two numbers, bytes as base64.
 */
export function fromWire(value: WireValue): unknown {
  if ('stringValue' in value) return value.stringValue;
  if ('integerValue' in value) return Number(value.integerValue);
  if ('timestampValue' in value) return Timestamp.parse(value.timestampValue);
  if ('booleanValue' in value) return value.booleanValue;
  if ('nullValue' in value) return null;
  if ('doubleValue' in value) return Number(value.doubleValue);
  if ('mapValue' in value) return fromWireFields(value.mapValue.fields);
  if ('arrayValue' in value) return (value.arrayValue.values ?? []).map(fromWire);
  if ('referenceValue' in value) return value.referenceValue;
  if ('geoPointValue' in value) return { latitude: 0, longitude: 0, ...value.geoPointValue };
  return value.bytesValue;
}

export function fromWireFields(fields: WireFields = {}): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) data[name] = fromWire(value);
  return data;
}
