import { Unavailable } from '../../../functions/src/errors.ts';
import { CustomerDeletion, type DeletionDeps } from '../../../functions/src/deletion/deletion.ts';
import { logFromNow } from '../../harness/log.ts';
import { told } from '../../harness/own-firestore.ts';

const start = new Date('2026-03-01T10:00:00Z');
const MINUTE_MS = 60_000;

/** A deletion over books that note what is done; one step may fail. */
async function request(fails?: string, uid = 'ann') {
  const steps: string[] = [];
  const step = (name: string, more = '') => {
    steps.push(`${name}${more}`);
    if (name === fails) throw new Unavailable(`${name} failed`);
  };
  const deps = {
    deletions: {
      request: async (_uid: string, at: Date, dueAt: Date) => {
        step('written down', ` for ${(dueAt.getTime() - at.getTime()) / MINUTE_MS} min`);
        if (fails === 'written down') throw new Unavailable('not written');
        return { uid, requestedAt: at, erasedAt: null };
      },
      schedule: async () => {
        step('scheduled');
      },
    },
    deleteUser: async () => {
      step('user deleted');
    },
    erasure: {
      erase: async () => {
        step('erased');
        return { erased: 3, left: 0, isThrough: true };
      },
    },
    config: { keptDays: 180 },
    now: () => start,
  } as unknown as DeletionDeps;
  const logged = logFromNow();
  const outcome = await new CustomerDeletion(deps).request(uid).then(
    () => 'done',
    (error: unknown) => String(error),
  );
  return { steps, outcome, lines: told(logged()) };
}

test('a deletion is written down before anything is deleted', async () => {
  const { steps, outcome } = await request();
  expect(steps).toEqual(['written down for 30 min', 'user deleted', 'erased', 'scheduled']);
  expect(outcome).toBe('done');
});

test('while it is not written down nothing is deleted, and the app hears so', async () => {
  const { steps, outcome } = await request('written down');
  expect(steps).toEqual(['written down for 30 min']);
  expect(outcome).toContain('Unavailable');
});

test('while the user is not deleted the app hears so, and nothing is erased', async () => {
  const { steps, outcome } = await request('user deleted');
  expect(steps).toEqual(['written down for 30 min', 'user deleted']);
  expect(outcome).toContain('Unavailable');
});

test('what could not be erased in time is left to the schedule, and logged', async () => {
  const { outcome, lines } = await request('erased');
  expect(outcome).toBe('done');
  expect(lines).toEqual(['WARNING erased failed']);
});

test('a uid that no document can hold has nothing but its user', async () => {
  expect(await request(undefined, 'a/b')).toMatchObject({
    steps: ['user deleted'],
    outcome: 'done',
  });
});
