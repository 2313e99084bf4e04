import { Ledger } from '../../../functions/src/ledger/ledger.ts';
import { RowLookup } from '../../../functions/src/ledger/lookup.ts';
import { sumCents } from '../../../functions/src/ledger/move.ts';
import type { PaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { paymentRow } from '../../harness/payment-row.ts';

const own = useOwnFirestore();

const record = (given: Partial<PaymentRow>) =>
  new Ledger(own().firestore).record(
    paymentRow({ parentId: 'stripe_pi_1', ...given }),
    new Date(),
    0,
  );

// PayPal tells a reversal that failed as it tells a refund that failed.
test('what failed of a reversal counts in the bounds, as it counts for the staff', async () => {
  await record({ parentId: null });
  await record({ paymentId: 'stripe_r1', kind: 'dispute', amountCents: -1500 });
  const failed = { kind: 'refund_failed', amountCents: 1500, parentId: 'stripe_r1' } as const;
  await record({ paymentId: 'stripe_r1-failed', ...failed });
  const { rows } = await new RowLookup(own().firestore).ofPayment('stripe_pi_1');
  expect(sumCents(rows)).toBe(1500);
  const refund = { paymentId: 'stripe_r2', kind: 'refund', amountCents: -1500 } as const;
  expect(await record(refund)).toMatchObject({ isNew: true });
  await expect(record({ ...refund, paymentId: 'stripe_r3', amountCents: -1 })).rejects.toThrow(
    'of which 0.00 USD are left',
  );
});
