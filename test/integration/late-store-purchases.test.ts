import { ERASED } from '../../functions/src/ids.ts';
import { documentsWith } from '../harness/documents-with.ts';
import { GooglePlayStage } from '../harness/googleplay.ts';
import { logFromNow } from '../harness/log.ts';

/** What docs/privacy.md says of purchases in Google Play that are told of after an erasure. */

jest.setTimeout(60_000);

const stage = new GooglePlayStage();
const ALERT = 'a payment came for a deleted account: pay it back';

const alertsOf = (lines: string[], orderId: string | null): string[] =>
  lines.filter((line) => line.includes(ALERT) && line.includes(`googleplay_${orderId ?? ''}`));

async function deleteAccount(): Promise<void> {
  const response = await fetch(await stage.url('app-deleteCustomer'), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${stage.user.token}` },
  });
  expect(response.status).toBe(200);
}

const uidOf = async (orderId: string | null): Promise<unknown> =>
  (await stage.client.firestore.doc(`tn_payments/googleplay_${orderId ?? ''}`).get()).get('uid');

test('one that only a notification tells of is credited to nobody, without an alert', async () => {
  await stage.send(stage.buy().token);
  await deleteAccount();
  const logged = logFromNow();
  const { token, orderId } = stage.buy();
  await stage.answered();
  expect(await uidOf(orderId)).toBeUndefined();
  expect(logged().filter((line) => line.includes('"ERROR"'))).toEqual([]);
  expect(stage.google.sale(token).consumed).toBe(false);
});

/** As the schedule and the pushes find it, before and after Google has announced the payment. */
async function expectNotConsumed(token: string): Promise<void> {
  await stage.finishPurchases();
  expect(stage.google.sale(token).consumed).toBe(false);
  expect(await stage.client.makePendingPurchasesDue(stage.user)).toBe(0);
}

test.each(['a push', 'the schedule'])(
  'one that was pending is booked as the deleted account’s by %s, alerted, and not consumed',
  async (by) => {
    const { token } = stage.buy({ pending: true });
    await stage.send(token);
    await deleteAccount();
    const logged = logFromNow();
    if (by === 'the schedule') stage.google.hold(true);
    const { orderId } = stage.google.pay(token);
    await stage.answered();
    await expectNotConsumed(token);
    expect(await uidOf(orderId)).toBe(ERASED);
    expect(alertsOf(logged(), orderId)).not.toEqual([]);
    expect(stage.balance()).toBeNull();
    // Google pays back what is not consumed.
    stage.google.hold(false);
    stage.google.void(token);
    await stage.answered();
    const refund = stage.client.firestore.doc(`tn_payments/googleplay_${orderId ?? ''}-refund-1`);
    expect((await refund.get()).get('amount')).toBe(-333);
  },
);

test('one that names no account and was pending is not consumed either', async () => {
  const { token } = stage.google.buy({ productId: 'credits_333', pending: true });
  await stage.send(token);
  await deleteAccount();
  stage.google.pay(token);
  await stage.answered();
  await expectNotConsumed(token);
});

test('one that was not consumed in time for the deletion is not consumed any more', async () => {
  const { token } = stage.buy();
  stage.google.fault({ match: 'POST /androidpublisher', status: 503 });
  await stage.send(token);
  await deleteAccount();
  await expectNotConsumed(token);
});

test('one whose call broke off credits no balance, and is not consumed', async () => {
  const { token } = stage.buy({ pending: true });
  await stage.send(token);
  const receipts = stage.client.firestore.collection('tn_receipts');
  const [receipt] = await documentsWith(receipts, 'uid', stage.user.uid);
  await receipt?.ref.delete();
  await deleteAccount();
  stage.google.hold(true);
  const { orderId } = stage.google.pay(token);
  await expectNotConsumed(token);
  expect([await uidOf(orderId), stage.balance()]).toEqual([undefined, null]);
  stage.google.hold(false);
});
