import { Bench } from './bench.ts';

jest.setTimeout(120_000);

const bench = new Bench(7_300_000);
const reason = 'the buyer has asked';

/** A payment of 15.00; returns its payment id. */
async function paid(): Promise<string> {
  const id = await bench.approved();
  expect((await bench.capture(id)).status).toBe(200);
  return String((await bench.rows())[0]?.['payment_id']);
}

async function refund(payment: string, amount?: number) {
  const caller = await bench.app.stack.signInAsStaff('support');
  const fields = { payment_id: payment, reason, ...(amount !== undefined && { cents: amount }) };
  return bench.call('paypal-refund', fields, { caller });
}

test('a part, then the rest', async () => {
  const payment = await paid();
  expect((await refund(payment, 500)).body).toMatchObject({ state: 'done', amount: 500 });
  expect((await refund(payment)).body).toMatchObject({ state: 'done', amount: 1000 });
  expect(await bench.cents()).toEqual([1500, -500, -1000]);
  expect(bench.balance()).toBe(0);
  expect((await refund(payment)).status).toBe(409);
});

test('an answer that is lost after PayPal did it: the same command finishes it', async () => {
  const payment = await paid();
  bench.silence();
  bench.paypal.fault({
    match: 'POST /v2/payments/captures/:id/refund',
    applyThen: true,
    drop: true,
  });
  const first = await refund(payment, 500);
  expect(first.body).toMatchObject({ state: 'unknown' });
  const found = await bench.firestore
    .collection('tn_refund_requests')
    .where('payment_id', '==', payment)
    .get();
  await found.docs[0]?.ref.update({ call_until: new Date(0) });
  const second = await refund(payment, 500);
  expect(second.body).toMatchObject({ state: 'done', request_id: first.body['request_id'] });
  expect(await bench.cents()).toEqual([1500, -500]);
});

test('PayPal refuses: nothing was given back', async () => {
  const payment = await paid();
  bench.silence();
  bench.paypal.refund(payment.replace('paypal_', ''), 1000);
  expect((await refund(payment, 900)).body).toMatchObject({
    state: 'failed',
    fault: 'PayPal refuses the refund: look at the payment in its dashboard.',
  });
});
