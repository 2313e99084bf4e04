import { CustomerDeletion, type DeletionDeps } from '../../../functions/src/deletion/deletion.ts';

const start = new Date('2026-03-01T10:00:00Z');

/** As many finished deletions as are read at a time. They stay due. */
const due = Array.from({ length: 100 }, (_, index) => ({
  uid: `user${index}`,
  requestedAt: start,
  erasedAt: start,
}));

test('a run whose time is up reads no further page, though a whole page of finished deletions is due', async () => {
  let pages = 0;
  const deps = {
    deletions: {
      due: async () => {
        pages += 1;
        if (pages > 1) throw new Error('the page was read again');
        return due;
      },
    },
    config: { keptDays: 180 },
    now: () => start,
  } as unknown as DeletionDeps;
  await new CustomerDeletion(deps).resume(new Date(start.getTime() - 1));
  expect(pages).toBe(1);
});
