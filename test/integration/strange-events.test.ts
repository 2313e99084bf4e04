import { randomUUID } from 'node:crypto';
import { Conflict, Unusable, type Parkable } from '../../functions/src/errors.ts';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import { ParkedEvents } from '../../functions/src/ledger/parked-events.ts';
import { setEnvironment } from '../harness/environment.ts';

// A project of its own, to count what is stored.
setEnvironment({ GCLOUD_PROJECT: `demo-strange-${randomUUID()}` });

const firestore = openFirestore();
const now = new Date('2026-03-01T10:00:00Z');

async function park(event: object, error: Parkable = new Unusable('no')) {
  const id = randomUUID();
  const given = { id, type: 'payment', ...event };
  await new ParkedEvents(firestore).park({ gateway: 'acme', event: given }, error, null, now, null);
  const { docs } = await firestore.collection('tn_parked_events').get();
  const found = docs.filter((one) => one.get('event.type') === given.type);
  await Promise.all(docs.map((one) => one.ref.delete()));
  return found.map((one) => one.get('event') as Record<string, unknown>);
}

const deep = Array.from({ length: 50 }).reduce<object>((inner) => ({ inner }), {});

/** Whatever a proven event holds, it is stored. */
test.each<[string, unknown, unknown]>([
  ['nothing', undefined, undefined],
  ['a function', () => 1, undefined],
  ['no number', Number.NaN, 'NaN'],
  ['a number without end', Number.POSITIVE_INFINITY, 'Infinity'],
  ['a number of 80 digits', 10n ** 80n, String(10n ** 80n)],
  ['a list within a list', [[1, 2], 3], ['[1,2]', 3]],
  ['a list with holes', [undefined, 1], [1]],
  ['no date', new Date(Number.NaN), null],
  ['a date far away', new Date(8.64e15), '+275760-09-13T00:00:00.000Z'],
  ['half a character', '\ud800 and more', '\ufffd and more'],
  ['a name that Firestore keeps for itself', { __name__: 1, '': 2, a: 3 }, { a: 3 }],
  ['a name that is half a character', { '\ud800': 1, a: 3 }, { a: 3 }],
  ['a long text', 'x'.repeat(2_000_000), 'x'.repeat(2_000)],
])('an event with %s is parked', async (_name, value, stored) => {
  const [event, ...others] = await park({ value });
  expect(others).toEqual([]);
  expect(event?.['value']).toEqual(stored);
});

test('an event that is nested deeper than Firestore takes is parked', async () => {
  expect(await park({ deep })).toHaveLength(1);
});

test.each(['a/b', '..', '__x__', '\ud800', 'x'.repeat(5_000), ''])(
  'an event whose id is %j is parked',
  async (id) => {
    expect(await park({ id })).toHaveLength(1);
  },
);

test.each([new Unusable('no', { about: 'a/b' }), new Conflict('no', { about: '\ud800' })])(
  'and one whose movement has an id of any form',
  async (error) => {
    expect(await park({}, error)).toHaveLength(1);
  },
);
