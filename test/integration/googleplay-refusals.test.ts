import { GooglePlayStage } from '../harness/googleplay.ts';
import { logFromNow } from '../harness/log.ts';

/** What Google Play's functions refuse, and how. */

jest.setTimeout(60_000);

const stage = new GooglePlayStage();

async function parked() {
  return (await stage.client.parkedEvents()).filter((event) => event['gateway'] === 'googleplay');
}

describe('the app is refused', () => {
  test('without a sign-in', async () => {
    const nobody = { uid: '', token: '' };
    expect((await stage.send('standin-token-unknown', nobody)).status).toBe(401);
  });

  test.each([
    '..',
    '',
    'a'.repeat(10_000),
    'a/../b123456',
    'a?b=c&d=123',
    'a#b1234567',
    'a\nb123456',
    7,
    null,
  ])('with the token %j, which Google never hears of', async (token) => {
    expect((await stage.send(token)).status).toBe(400);
    expect(stage.google.requests()).toEqual([]);
  });

  test('with a token that Google does not know', async () => {
    expect((await stage.send('standin-token-unknown')).status).toBe(404);
  });

  test('with one invented token after the other, of which Google hears of ten', async () => {
    const invented = Array.from({ length: 40 }, (_, number) => `${stage.user.uid}-${number}`);
    const answers = await Promise.all(invented.map((token) => stage.send(token)));
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
    expect([count(404), count(429)]).toEqual([10, 30]);
    expect((await stage.send(invented[0])).status).toBe(404);
    const asked = stage.google.requests().filter(({ path }) => path.includes('/purchases/'));
    expect(asked).toHaveLength(10);
  });

  test('with the token of another product', async () => {
    const { token } = stage.buy();
    expect((await stage.send(token, stage.user, 'credits_500')).status).toBe(400);
    expect(await stage.rows()).toEqual([]);
  });

  test('with real money on a test deployment, which is not consumed', async () => {
    const { token } = stage.buy({ test: false });
    expect((await stage.send(token)).status).toBe(409);
    expect(stage.google.sale(token).consumed).toBe(false);
    expect(await stage.rows()).toEqual([]);
  });

  test('with a promotion, which is consumed all the same', async () => {
    const { token } = stage.buy({ promotion: true });
    const logged = logFromNow();
    expect((await stage.send(token)).status).toBe(409);
    expect(logged().join('\n')).toContain('a promotion without an order credits nothing');
    expect(stage.google.sale(token).consumed).toBe(true);
    expect(await stage.rows()).toEqual([]);
  });

  test('with a product that is not in the catalogue, of which a person hears once', async () => {
    const before = new Set((await parked()).map(({ id }) => String(id)));
    const { token } = stage.buy({ productId: 'credits_1' });
    expect((await stage.send(token, stage.user, 'credits_1')).status).toBe(409);
    expect((await stage.send(token, stage.user, 'credits_1')).status).toBe(409);
    await stage.answered();
    const fresh = (await parked()).filter(({ id }) => !before.has(String(id)));
    const events = fresh.map((one) => one['event'] as { type: string });
    expect(events.map(({ type }) => type).sort()).toEqual(['claim', 'oneTimeProduct.1']);
    expect(stage.google.sale(token).consumed).toBe(false);
    // Who has the token may claim the purchase.
    expect(JSON.stringify(fresh)).not.toContain(token);
  });
});

describe('a push', () => {
  const message = { messageId: '990001', data: '{}', publishedAt: '2026-09-21T14:13:21Z' };

  test.each([
    ['without a token', {}, false],
    ['for another audience', { aud: 'https://example.com' }, true],
    ['of another sender', { email: 'push@example.com' }, true],
    ['of an unverified sender', { email_verified: false }, true],
  ])('%s is refused before its body is looked at', async (_, claims, signed) => {
    const before = (await parked()).length;
    const authorization = signed ? `Bearer ${stage.google.token(claims)}` : undefined;
    expect(await stage.push('no JSON', authorization)).toBe(401);
    expect(await parked()).toHaveLength(before);
  });

  test('that cannot be read is acknowledged, and kept for a person', async () => {
    const { messageId } = stage.google.publish('hello');
    expect(await stage.answered()).toEqual([200]);
    const ids = (await parked()).map((one) => (one['event'] as { id: string }).id);
    expect(ids).toContain(messageId);
  });

  test('that asks for a word on a chargeback is kept with what an answer needs', async () => {
    const orderId = 'GPA.3300-1111-2222-33333';
    const review = { orderId, pendingRefundToken: `review-${stage.user.uid}`, refundReason: 7 };
    stage.google.notify({ pendingRefundReviewNotification: { version: '1.0', ...review } });
    expect(await stage.answered()).toEqual([200]);
    const reviews = (await parked()).map((one) => (one['event'] as { review?: object }).review);
    expect(reviews).toContainEqual(review);
  });

  test('of a test, a subscription, another app is acknowledged', async () => {
    const before = (await parked()).length;
    stage.google.notify({ testNotification: { version: '1.0' } });
    stage.google.notify({ subscriptionNotification: { notificationType: 4 } });
    stage.google.notify({ packageName: 'com.example.other', testNotification: {} });
    expect(await stage.answered()).toEqual([200, 200, 200]);
    expect(await parked()).toHaveLength(before);
  });

  test('about a purchase that nobody has claimed is acknowledged, and moves nothing', async () => {
    const { token } = stage.google.buy({ productId: 'credits_333' });
    stage.google.void(token);
    expect(await stage.answered()).toEqual([200, 200]);
    expect(stage.google.sale(token).consumed).toBe(false);
  });

  test('that is too large, or none at all', async () => {
    const { authorization } = stage.google.pushed(message);
    expect(await stage.push('x'.repeat(5_000_000), authorization)).toBe(413);
    expect(await stage.push('', authorization, 'GET')).toBe(405);
  });
});
