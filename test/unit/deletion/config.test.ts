import { readDeletionConfig } from '../../../functions/src/deletion/config.ts';
import { Misconfigured } from '../../../functions/src/errors.ts';

test('the uid of a deleted account is kept for half a year, unless something else is set', () => {
  expect(readDeletionConfig({})).toEqual({ keptDays: 180 });
  expect(readDeletionConfig({ DELETION_KEPT_DAYS: '400' })).toEqual({ keptDays: 400 });
});

// Rows may be in use for 30 days: the uid must outlive them.
test.each(['30', '0', '-1', 'ever', '3651'])('%s days are refused', (days) => {
  expect(() => readDeletionConfig({ DELETION_KEPT_DAYS: days })).toThrow(Misconfigured);
});
