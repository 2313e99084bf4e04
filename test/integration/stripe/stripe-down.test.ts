import { intentOf, newUid } from '../../harness/world.ts';
import { Bench, expectDiscreetLog } from './bench.ts';

const bench = new Bench({ STRIPE_TIMEOUT_MS: '1500' });

describe('when Stripe is in trouble, it must tell us again', () => {
  const uid = newUid();
  test.each([
    ['500', { status: 500, times: 2 }, 503],
    ['429', { status: 429 }, 503],
    ['409', { status: 409, times: 2 }, 503],
    ['a refused key', { status: 401 }, 500],
    ['a cut-off body', { cutOff: true }, 503],
    ['no answer', { timeout: true, times: 2 }, 503],
  ] as const)('%s', async (_name, fault, status) => {
    bench.stripe.hold(true);
    const id = intentOf(bench.world, uid);
    bench.stripe.confirm(id);
    bench.stripe.fault({ match: 'GET /v1/payment_intents/', ...fault });
    const event = bench.stripe
      .events()
      .findLast(({ type }) => type === 'payment_intent.amount_capturable_updated');
    const [first] = await bench.stripe.redeliver(event?.id ?? '?');
    expect(first?.status).toBe(status);
    expect((await bench.world.firestore.doc(`tn_payments/stripe_${id}`).get()).exists).toBe(false);
    const [again] = await bench.stripe.redeliver(event?.id ?? '?');
    bench.stripe.discard();
    bench.stripe.hold(false);
    expect(again?.status).toBe(200);
    expect((await bench.world.firestore.doc(`tn_payments/stripe_${id}`).get()).exists).toBe(true);
  });
});

test('no line of the log held a secret, a signature or a body, and each is one JSON object', () => {
  expectDiscreetLog(10);
});
