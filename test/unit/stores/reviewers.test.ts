import { toPaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { RetailApi } from '../../../functions/src/retail/retail-api.ts';
import {
  creditReceipt,
  revokeReceipt,
  unknownReceipt,
} from '../../../functions/src/stores/receipt.ts';
import { mayUseSandbox, modeOfSale } from '../../../functions/src/stores/reviewers.ts';
import { send } from '../../../functions/src/send.ts';
import { fixedClock, retailConfig } from '../../harness/retail.ts';
import { startRetailApi } from '../../standins/retail-api.ts';

const environment = { STORE_REVIEWER_UIDS: 'reviewer1, reviewer2' };

test('on a test deployment everybody buys in the sandbox', () => {
  expect(mayUseSandbox('user1', 'test', {})).toBe(true);
});

test('on a live one only the reviewers do', () => {
  expect(mayUseSandbox('reviewer2', 'live', environment)).toBe(true);
  expect(mayUseSandbox('user1', 'live', environment)).toBe(false);
  expect(mayUseSandbox('', 'live', environment)).toBe(false);
  expect(mayUseSandbox('user1', 'live', {})).toBe(false);
});

test('a sale has the mode of the deployment, and a mark where nobody has paid for it', () => {
  expect(modeOfSale(false, 'live')).toEqual({ mode: 'live' });
  expect(modeOfSale(true, 'live')).toEqual({ mode: 'live', isReviewer: true });
  expect(modeOfSale(true, 'test')).toEqual({ mode: 'test' });
});

// The Retail API takes only rows of the deployment's own mode.
test('a reviewer’s purchase on a live deployment, and its refund, reach the balance', async () => {
  const retail = await startRetailApi({ apiKey: 'retail-standin' });
  try {
    const now = new Date();
    const owner = { uid: 'reviewer1', accountToken: 'token' };
    const sale = { owner, productId: 'credits_500', quantity: 1, movementId: 'sandbox-1' };
    const sold = { ...sale, amountCents: 500, occurredAt: now, ...modeOfSale(true, 'live') };
    const { movements } = revokeReceipt(creditReceipt(unknownReceipt, sold), {
      part: 1,
      whole: 2,
      asOf: now,
      occurredAt: now,
    });
    expect(movements).toMatchObject([{ isReviewer: true }, { isReviewer: true }]);
    const config = retailConfig(retail.url, { mode: 'live' });
    const api = new RetailApi(
      config,
      send,
      fixedClock(() => now),
    );
    for (const movement of movements) {
      const row = { ...toPaymentRow('appstore', movement), mayBeApplied: false };
      const outcome = await api.push(row, { sendBy: new Date(now.getTime() + 60_000) });
      expect(outcome).toMatchObject({ kind: 'applied' });
    }
    expect(retail.control.balance('reviewer1')).toBe(250);
  } finally {
    await retail.stop();
  }
});
