import { BeyondBounds, Conflict, Unusable } from '../../../functions/src/errors.ts';
import { OpenEvents } from '../../../functions/src/ledger/open-events.ts';
import { ParkedEvents } from '../../../functions/src/ledger/parked-events.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { paymentRow } from '../../harness/payment-row.ts';

const own = useOwnFirestore();
const books = () => new ParkedEvents(own().firestore);
const staff = () => new OpenEvents(own().firestore);

const now = new Date('2026-03-01T10:00:00Z');
const later = new Date('2026-03-02T10:00:00Z');
const report = { gateway: 'stripe', event: { id: 'look_pi_1', type: 'second_look' } };
const odd = new Unusable('odd', { about: 'pi_1' });

/** Parks an event. @returns its id. */
async function park(error: Unusable | Conflict = odd, given?: { row: boolean }): Promise<string> {
  const row =
    given?.row === true ? paymentRow({ paymentId: 'stripe_re_1', amountCents: -5 }) : null;
  await books().park(report, error, row, now, row === null ? null : later);
  const { docs } = await own().firestore.collection('tn_parked_events').get();
  return docs[0]?.id ?? '';
}

const settle = (id: string) => staff().resolve(id, 'paid back by hand', 'line1', now);

describe('a fault that a person has settled', () => {
  test('is not told again by a second look, which finds it at every look', async () => {
    await settle(await park());
    expect(await books().isTold(['stripe_pi_1'], odd)).toBe(true);
    expect(await books().isTold(['stripe_pi_2'], odd)).toBe(false);
  });

  test('is told again when it is another one, by its reason or its words', async () => {
    await settle(await park());
    const others = [new Unusable('odd, by 5.00 USD'), new Conflict('odd')];
    for (const other of others) {
      expect(await books().isTold(['stripe_pi_1'], other)).toBe(false);
    }
  });

  test('is told again when rows had resolved it', async () => {
    const id = await park();
    await books().resolve(id, ['stripe_pi_1'], now);
    expect(await books().isTold(['stripe_pi_1'], odd)).toBe(false);
  });

  test('is open again as if no person had settled it, when its event comes again', async () => {
    const id = await park();
    await settle(id);
    await park();
    const [stored] = await own().all('tn_parked_events');
    expect(stored).not.toHaveProperty('resolution');
    await books().resolve(id, ['stripe_pi_1'], later);
    expect(await staff().about(['stripe_pi_1'], 9)).toMatchObject([
      { rows: ['stripe_pi_1'], resolution: null },
    ]);
  });
});

test.each([10, 11, 31])('an event is found by the last of %d subjects', async (count) => {
  const id = await park();
  const subjects = Array.from({ length: count }, (_, index) => `stripe_pi_${count - index}`);
  expect((await staff().about(subjects, 9)).map((one) => one.id)).toEqual([id]);
});

test('a row beyond its bounds that was given up is released once more, and not asked about', async () => {
  const id = await park(new BeyondBounds('too much'), { row: true });
  await books().giveUp(id, now);
  expect(await staff().retry(id, later)).toBe('release');
  const [stored] = await own().all('tn_parked_events');
  expect(stored).not.toHaveProperty('recheck_at');
  expect((await books().due(later, 9)).map((one) => one.id)).toEqual([id]);
});
