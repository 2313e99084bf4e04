import { ERASED } from '../../functions/src/ids.ts';
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

test('one that was pending is booked as the deleted account’s, and alerted', async () => {
  const { token } = stage.buy({ pending: true });
  await stage.send(token);
  await deleteAccount();
  const logged = logFromNow();
  const { orderId } = stage.google.pay(token);
  await stage.answered();
  expect(await uidOf(orderId)).toBe(ERASED);
  expect(alertsOf(logged(), orderId)).not.toEqual([]);
  expect(stage.balance()).toBeNull();
});

test('one whose call broke off is pushed under the uid, and then erased and alerted', async () => {
  const { token } = stage.buy({ pending: true });
  await stage.send(token);
  const receipts = stage.client.firestore.collection('tn_receipts');
  const [receipt] = (await receipts.where('uid', '==', stage.user.uid).get()).docs;
  await receipt?.ref.delete();
  await deleteAccount();
  stage.google.hold(true);
  const { orderId } = stage.google.pay(token);
  await stage.finishPurchases();
  expect([await uidOf(orderId), stage.balance()]).toEqual([stage.user.uid, 333]);
  const logged = logFromNow();
  const deletion = stage.client.firestore.doc(`tn_deletions/${stage.user.uid}`);
  await deletion.update({ next_run_at: new Date(0) });
  // As the functions have loaded it.
  const { openDeletion } = await import('../../functions/src/deletion/deletion.ts');
  await (await openDeletion()).resume(new Date(Date.now() + 60_000));
  expect(await uidOf(orderId)).toBe(ERASED);
  expect(alertsOf(logged(), orderId)).toHaveLength(1);
});
