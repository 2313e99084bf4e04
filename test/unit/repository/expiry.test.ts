import { readFileSync } from 'node:fs';

interface Override {
  readonly collectionGroup: string;
  readonly fieldPath: string;
  readonly ttl?: boolean;
  readonly indexes: readonly object[];
}

const { fieldOverrides } = JSON.parse(readFileSync('firestore.indexes.json', 'utf8')) as {
  fieldOverrides: readonly Override[];
};
const expiring = fieldOverrides.filter(({ ttl }) => ttl === true);

test('documents expire by expires_at alone, and wherever a document has it', () => {
  const named = fieldOverrides.filter(({ fieldPath }) => fieldPath === 'expires_at');
  expect(expiring).toEqual(named);
  expect(expiring.length).toBeGreaterThan(0);
});

// An index on a time limits how many documents are written a second.
test('a time of expiry has no index', () => {
  for (const { collectionGroup, indexes } of expiring) {
    expect([collectionGroup, indexes]).toEqual([collectionGroup, []]);
  }
});

test('money never expires: no row, no receipt, no refund that failed', () => {
  const kept = ['tn_payments', 'tn_receipts', 'tn_voided_refunds', 'tn_deletions'];
  expect(expiring.filter(({ collectionGroup }) => kept.includes(collectionGroup))).toEqual([]);
});

test('docs/privacy.md says what expires, and after how long', () => {
  const [, table = ''] = readFileSync('docs/privacy.md', 'utf8').split('## What expires by itself');
  for (const { collectionGroup } of expiring) {
    expect(table).toMatch(new RegExp(`\`${collectionGroup}\`[^|]*\\| \\d+ days after`));
  }
});
