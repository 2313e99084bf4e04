import { Timestamp } from '../../../functions/src/firestore/client/index.ts';
import { z } from 'zod';
import { date, defineDocument } from '../../../functions/src/firestore/document.ts';

const inner = defineDocument({ partCents: ['part', z.int()], at: ['part_at', date] });
const codec = defineDocument({
  amountCents: ['amount', z.int()],
  occurredAt: ['occurred_at', date],
  note: ['a_note', z.string().optional()],
  whole: ['the_whole', inner.nullable()],
  parts: ['parts', z.array(inner)],
});

const at = new Date('2026-01-01T00:00:00Z');
const part = { partCents: 5, at };
const values = { amountCents: 10, occurredAt: at, whole: part, parts: [part, part] };
const storedPart = { part: 5, part_at: Timestamp.fromDate(at) };
const stored = {
  amount: 10,
  occurred_at: Timestamp.fromDate(at),
  the_whole: storedPart,
  parts: [storedPart, storedPart],
};

test('one list of fields writes a document and reads it, documents within it as well', () => {
  expect(codec.encode(values)).toStrictEqual(stored);
  expect(codec.parse(stored)).toStrictEqual(values);
  expect(codec.parse({ ...stored, the_whole: null })).toStrictEqual({ ...values, whole: null });
});

test('what is not in the list is neither written nor read', () => {
  expect(codec.encode({ ...values, extra: 1 } as typeof values)).toStrictEqual(stored);
  expect(codec.parse({ ...stored, extra: 1 })).toStrictEqual(values);
});

// Firestore refuses a document with an undefined value.
test('an optional field that is undefined is not in the document', () => {
  expect(codec.encode({ ...values, note: undefined })).toStrictEqual(stored);
  expect(codec.encode({ ...values, note: 'n' })).toStrictEqual({ ...stored, a_note: 'n' });
  expect(codec.parse({ ...stored, a_note: 'n' })).toStrictEqual({ ...values, note: 'n' });
});

test.each([
  ['another type', { amount: '10' }],
  ['a missing field', { amount: undefined }],
  ['a date that is no timestamp', { occurred_at: at }],
  ['a fault within', { the_whole: { ...storedPart, part: 0.5 } }],
])('a document is not read with %s', (_what, change) => {
  expect(codec.safeParse({ ...stored, ...change }).success).toBe(false);
});

test('nothing is written that could not be read back', () => {
  expect(() => codec.encode({ ...values, amountCents: 0.5 })).toThrow(z.ZodError);
  expect(() => codec.encode({ ...values, occurredAt: new Date(Number.NaN) })).toThrow(z.ZodError);
});

test('a field that a person may have broken is written as it is, and read as its stand-in', () => {
  const lenient = defineDocument({ erasedAt: ['erased_at', date.nullable().catch(null)] });
  expect(lenient.encode({ erasedAt: at })).toStrictEqual({ erased_at: Timestamp.fromDate(at) });
  expect(lenient.parse({ erased_at: 'yesterday' })).toStrictEqual({ erasedAt: null });
});
