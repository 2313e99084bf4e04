import { randomUUID } from 'node:crypto';
import { Conflict } from '../../functions/src/errors.ts';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import type { Sale } from '../../functions/src/stores/receipt.ts';
import { Receipts } from '../../functions/src/stores/receipts.ts';
import { setEnvironment } from '../harness/environment.ts';

/** Receipts over a real Firestore protocol: what happens to reports that arrive together. */

jest.setTimeout(60_000);

setEnvironment({ GCLOUD_PROJECT: 'demo-temp-number' });
const firestore = openFirestore();
function saleTo(uid: string): Sale {
  return {
    owner: { uid, accountToken: `token-of-${uid}` },
    productId: 'credits_499',
    quantity: 3,
    movementId: 'r1',
    amountCents: 1497,
    mode: 'test',
    occurredAt: new Date(1_000),
  };
}

function refund(part: number, second: number) {
  return { part, whole: 3, asOf: new Date(second * 1_000), occurredAt: new Date(second * 1_000) };
}

function receiptsOf(gateway: string): Receipts {
  return new Receipts(firestore, gateway);
}

test('fifty reports at once make one receipt with one payment', async () => {
  const receipts = receiptsOf(randomUUID());
  const all = await Promise.all(
    Array.from({ length: 50 }, () => receipts.credit('r1', saleTo('user1'))),
  );
  for (const receipt of all) expect(receipt).toEqual(all[0]);
  expect(await receipts.find('r1')).toEqual(all[0]);
  expect(all[0]?.movements.map(({ amountCents }) => amountCents)).toEqual([1497]);
});

test('of two users who claim a receipt at once, one has it', async () => {
  const receipts = receiptsOf(randomUUID());
  const claims = await Promise.allSettled(
    ['user1', 'user2'].map((uid) => receipts.credit('r1', saleTo(uid))),
  );
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const [loser] = claims.filter((claim) => claim.status === 'rejected');
  expect(loser?.reason).toBeInstanceOf(Conflict);
});

test('refunds that arrive together never take back more than was credited', async () => {
  const receipts = receiptsOf(randomUUID());
  await receipts.credit('r1', saleTo('user1'));
  await Promise.all([1, 2, 3, 3, 2, 1].map((part) => receipts.revoke('r1', refund(part, part))));
  const movements = (await receipts.find('r1'))?.movements ?? [];
  expect(movements.reduce((sum, { amountCents }) => sum + amountCents, 0)).toBe(0);
});

test('of 25 changes at once, each of something else, none is lost', async () => {
  const receipts = receiptsOf(randomUUID());
  await receipts.credit('r1', saleTo('user1'));
  // Told in this order, every one moves money.
  const told = Array.from({ length: 25 }, (_, index) => ({
    ...refund(index + 1, index),
    whole: 25,
  }));
  await Promise.all(told.map((revocation) => receipts.revoke('r1', revocation)));
  const receipt = await receipts.find('r1');
  expect(receipt?.revocation?.part).toBe(25);
  expect(receipt?.movements.reduce((sum, { amountCents }) => sum + amountCents, 0)).toBe(0);
});

test('a refund without its purchase is remembered, and bars it', async () => {
  const receipts = receiptsOf(randomUUID());
  expect((await receipts.revoke('r1', refund(3, 1))).movements).toEqual([]);
  expect((await receipts.credit('r1', saleTo('user1'))).movements).toEqual([]);
  expect((await receipts.find('r1'))?.owner?.uid).toBe('user1');
});

test('a user is known by the token of an earlier claim; stores do not mix', async () => {
  const receipts = receiptsOf(randomUUID());
  const uid = randomUUID();
  expect(await receipts.uidOf(`token-of-${uid}`)).toBeUndefined();
  await receipts.claim('r1', { uid, accountToken: `token-of-${uid}` });
  expect(await receipts.uidOf(`token-of-${uid}`)).toBe(uid);
  expect(await receiptsOf(randomUUID()).find('r1')).toBeUndefined();
});
