import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedByUid, personalFields } from '../../../functions/src/deletion/personal-data.ts';
import { DELETIONS } from '../../../functions/src/firestore/collections.ts';

const SOURCE = 'functions/src';

const code = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(SOURCE, path), 'utf8'))
  .join('\n');

/** Collections that hold nothing of a user. */
const impersonal: readonly string[] = [
  'tn_voided_refunds',
  'tn_payment_locks',
  'tn_looks',
  'tn_refund_requests',
];

/** Names people at work, and no customer: kept, as the books are. */
const ofStaff: readonly string[] = ['tn_audit'];

// A collection that is not listed would keep the uids of deleted accounts for ever.
test('every collection is erased, or known to hold no uid', () => {
  const named = new Set([...code.matchAll(/['"`](tn_[a-z_]+)/g)].map(([, name]) => name));
  const erased = [...personalFields.map(({ collection }) => collection), ...namedByUid];
  expect(named.size).toBeGreaterThan(3);
  expect([...named].toSorted()).toEqual(
    [...erased, ...impersonal, ...ofStaff, DELETIONS].toSorted(),
  );
});

test('no collection goes by a name that the list cannot see', () => {
  const literals = [
    ...code.matchAll(/\.(?:collection(?:Group)?\(\s*|doc\(\s*(?=['"`][^'"`]*\/))['"`]([^'"`]*)/g),
  ];
  expect(literals.map(([, name]) => name)).toEqual([]);
});
