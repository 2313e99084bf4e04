import { inShort, rowsOf } from '../../harness/world.ts';
import type { StripeControl } from '../../standins/stripe/control.ts';
import { Bench, expectAllowedFields, inBrief } from './bench.ts';

const bench = new Bench();

describe('the status', () => {
  type Acts = (stripe: StripeControl, id: string) => void;

  const paid: Acts = (stripe, id) => {
    stripe.confirm(id);
    stripe.captureFromDashboard(id);
  };

  const states: [string, string, Acts, string[]][] = [
    ['nobody has paid', 'unpaid', () => undefined, []],
    ['paid and held', 'paid', (stripe, id) => stripe.confirm(id), ['payment 1500']],
    ['captured by somebody else', 'paid', paid, ['payment 1500']],
    ['under review', 'review', (stripe, id) => stripe.confirm(id, { review: true }), []],
    [
      'approved',
      'paid',
      (stripe, id) => {
        stripe.confirm(id, { review: true });
        stripe.approveReview(id);
      },
      ['payment 1500'],
    ],
    [
      'refused as a fraud',
      'unpaid',
      (stripe, id) => {
        stripe.confirm(id, { review: true });
        stripe.closeReview(id, 'refunded_as_fraud');
      },
      [],
    ],
    ['cancelled before it was paid', 'unpaid', (stripe, id) => stripe.cancelFromDashboard(id), []],
    [
      'expired',
      'unpaid',
      (stripe, id) => {
        stripe.confirm(id);
        stripe.expireHold(id);
      },
      [],
    ],
    [
      'refunded in part',
      'paid',
      (stripe, id) => {
        paid(stripe, id);
        stripe.refund(id, 500);
      },
      ['payment 1500', 'refund -500'],
    ],
    [
      'refunded',
      'refunded',
      (stripe, id) => {
        paid(stripe, id);
        stripe.refund(id);
      },
      ['payment 1500', 'refund -1500'],
    ],
  ];

  test.each(states)('%s: %s, and no webhook came', async (_name, expected, act, rows) => {
    const user = await bench.signIn();
    const id = await bench.ordered(user);
    act(bench.stripe, id);
    const answer = await bench.status(user, id);
    expect([answer.status, answer.body]).toEqual([200, { status: expected }]);
    const written = await rowsOf(bench.world, user.uid);
    expect(inShort(written)).toEqual(rows);

    const [order] = await bench.ordersOf(user.uid);
    for (const row of written) {
      expect(row).toMatchObject({ order_id: order?.['order_id'] as unknown, is_synced: true });
    }
    const sum = written.reduce((cents, row) => cents + Number(row['amount']), 0);
    expect(bench.world.retail.control.balance(user.uid)).toBe(rows.length === 0 ? null : sum);

    const repeated = await Promise.all([
      bench.status(user, id),
      bench.status(user, id),
      bench.status(user, id),
    ]);
    expect(repeated.map(({ body }) => body['status'])).toEqual([expected, expected, expected]);
    expect(await rowsOf(bench.world, user.uid)).toEqual(written);
    expect(bench.world.retail.control.transactions(user.uid)).toHaveLength(rows.length);
  });

  test('five calls at once after the payment: one capture, one row, one credit', async () => {
    const user = await bench.signIn();
    const id = await bench.ordered(user);
    bench.stripe.confirm(id);
    const answers = await Promise.all(Array.from({ length: 5 }, () => bench.status(user, id)));
    expect(answers.map(({ body }) => body['status'])).toEqual(Array<string>(5).fill('paid'));
    const rows = await rowsOf(bench.world, user.uid);
    expect(rows).toMatchObject([{ payment_id: `stripe_${id}`, parent_id: null }]);
    expect(bench.world.retail.control.balance(user.uid)).toBe(1500);
  });

  test('the Retail API is down: paid all the same, and the row is due', async () => {
    const user = await bench.signIn();
    const id = await bench.ordered(user);
    bench.stripe.confirm(id);
    bench.world.retail.control.down(true);
    expect((await bench.status(user, id)).body).toEqual({ status: 'paid' });
    const [row] = await rowsOf(bench.world, user.uid);
    expect(row).toMatchObject({ is_synced: false, next_sync_at: expect.anything() as unknown });
  });

  describe('is not there', () => {
    const ours = { purpose: 'balance_topup', deployment: 'demo-temp-number', order_id: 'order1' };

    test("for an unknown id and for somebody else's, in the same words", async () => {
      const [user, other] = [await bench.signIn(), await bench.signIn()];
      const theirs = await bench.ordered(other);
      bench.stripe.confirm(theirs);
      const unknown = await bench.status(user, 'pi_unknown');
      expect(inBrief(unknown)).toEqual([404, 'NotFoundException']);
      const denied = await bench.status(user, theirs);
      expect(inBrief(denied)).toEqual([404, 'NotFoundException']);
      expect(denied.body).toEqual(unknown.body);
      // Neither was anything done for the asker.
      expect(bench.stripe.object(theirs)).toMatchObject({ status: 'requires_capture' });
      expect(await rowsOf(bench.world, other.uid)).toEqual([]);
    });

    test.each([
      ['made by another program', (uid: string) => ({ uid })],
      ['of ours without a user', () => ours],
      ['of ours with an empty user', () => ({ ...ours, uid: ' ' })],
    ])('for an intent %s', async (_name, metadata) => {
      const user = await bench.signIn();
      const { id } = bench.stripe.createForeignIntent({
        captureMethod: 'manual',
        metadata: metadata(user.uid),
      });
      bench.stripe.confirm(id);
      expect(inBrief(await bench.status(user, id))).toEqual([404, 'NotFoundException']);
      expect(bench.stripe.object(id)).toMatchObject({ status: 'requires_capture' });
      expect(await rowsOf(bench.world, user.uid)).toEqual([]);
    });

    test("for somebody else's in another currency", async () => {
      const { id } = bench.stripe.createForeignIntent({
        currency: 'eur',
        metadata: { ...ours, uid: 'somebody' },
      });
      expect(inBrief(await bench.status(await bench.signIn(), id))).toEqual([
        404,
        'NotFoundException',
      ]);
    });

    test.each([
      undefined,
      null,
      7,
      '',
      'pi_',
      'ch_1',
      'pi_1/capture',
      'pi_1?expand[]=customer',
      'pi_..',
      ' pi_1',
      'pi_1\n',
      `pi_${'1'.repeat(256)}`,
    ])('for %j, which is no id: 400', async (id) => {
      const answer = await bench.status(await bench.signIn(), id);
      expect(inBrief(answer)).toEqual([400, 'InvalidRequestParamsException']);
      expect(bench.stripe.requests()).toEqual([]);
    });
  });
});

test('what the log said in all these tests is in its allow-list', expectAllowedFields);
