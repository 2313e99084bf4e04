import { clientOf, held, SECRET, startStandin, startWebhook } from './stripe-bench.ts';
import type { Webhook } from './stripe-bench.ts';
import { listen } from '../../standins/http.ts';
import type { StripeStandin } from '../../standins/stripe/server.ts';

let webhook: Webhook;
let standin: StripeStandin;
let stripe: ReturnType<typeof clientOf>;

beforeAll(async () => {
  webhook = await startWebhook();
  standin = await startStandin({ webhookUrl: `${webhook.origin}/stripe` });
  stripe = clientOf(standin);
});

beforeEach(() => {
  standin.control.reset();
  webhook.calls.length = 0;
  webhook.answers.length = 0;
});

afterAll(async () => {
  await standin.stop();
  await webhook.stop();
});

/** The delivered events as the real package reads them, signature and all. */
function delivered(secret = SECRET) {
  return webhook.calls.map(({ body, headers }) =>
    stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), secret),
  );
}

test('every change is delivered, signed, with the object as it was', async () => {
  const { id } = await held(stripe, standin.control, { review: true });
  await standin.control.idle();
  await stripe.paymentIntents.capture(id, {}, { idempotencyKey: 'capture-1' });
  await standin.control.idle();

  const events = delivered();
  const named = (type: string) => events.find((event) => event.type === type);
  expect(events.map(({ type }) => type).sort()).toEqual([
    'charge.captured',
    'charge.succeeded',
    'payment_intent.amount_capturable_updated',
    'payment_intent.created',
    'payment_intent.succeeded',
    'review.opened',
  ]);
  expect(named('payment_intent.amount_capturable_updated')).toMatchObject({
    object: 'event',
    api_version: '2026-10-28.endive',
    livemode: false,
    data: { object: { id, status: 'requires_capture', amount_capturable: 1500 } },
    request: { id: null, idempotency_key: null },
  });
  expect(named('payment_intent.succeeded')?.request).toEqual({
    id: expect.stringMatching(/^req_/) as string,
    idempotency_key: 'capture-1',
  });
  const { id: eventId = '' } = named('review.opened') ?? {};
  await expect(stripe.events.retrieve(eventId)).resolves.toMatchObject({ type: 'review.opened' });
});

test('only the types the endpoint wants are delivered', async () => {
  standin.control.configureEndpoint({ enabledEvents: ['review.closed'] });
  const { id } = await held(stripe, standin.control, { review: true });
  standin.control.approveReview(id);
  await standin.control.idle();
  expect(delivered()).toMatchObject([
    { type: 'review.closed', data: { object: { closed_reason: 'approved', payment_intent: id } } },
  ]);
});

test('held events are released in the order asked for, with copies', async () => {
  standin.control.hold(true);
  const { id } = await held(stripe, standin.control, { review: true });
  standin.control.approveReview(id);
  await standin.control.idle();
  expect(webhook.calls).toEqual([]);
  const [created, succeeded, capturable, opened, closed] = standin.control.held();

  const picked = [closed?.id ?? '', created?.id ?? ''];
  await standin.control.release({ order: picked });
  expect(delivered().map(({ id: eventId }) => eventId)).toEqual(picked);

  standin.control.discard([succeeded?.id ?? '']);
  const deliveries = await standin.control.release({ order: 'reverse', copies: 2 });
  expect(deliveries.map(({ type, status }) => [type, status])).toEqual([
    ['review.opened', 200],
    ['review.opened', 200],
    ['payment_intent.amount_capturable_updated', 200],
    ['payment_intent.amount_capturable_updated', 200],
  ]);
  expect(deliveries[0]?.eventId).toBe(opened?.id);
  expect(standin.control.held()).toEqual([]);
  await standin.control.redeliver(capturable?.id ?? '', { copies: 3 });
  expect(delivered().filter(({ id: eventId }) => eventId === capturable?.id)).toHaveLength(5);
  await expect(standin.control.release({ order: ['evt_none'] })).rejects.toThrow('not held');
});

test('parallel copies are all on the way before the first is answered', async () => {
  const waiting: (() => void)[] = [];
  const crowd = await listen(async () => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 4) for (const answer of waiting) answer();
    });
    return { status: 200 };
  });
  try {
    standin.control.configureEndpoint({ url: crowd.origin });
    standin.control.hold(true);
    standin.control.createForeignIntent();
    const deliveries = await standin.control.release({ copies: 4, parallel: true });
    expect(deliveries.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  } finally {
    await crowd.stop();
  }
});

test('a delivery is not repeated unless retries are configured', async () => {
  webhook.answers.push(503);
  standin.control.createForeignIntent();
  await standin.control.idle();
  expect(standin.control.deliveries().map(({ status }) => status)).toEqual([503]);

  standin.control.configureEndpoint({ retryDelaysMs: [1, 1] });
  webhook.answers.push(500, 503);
  standin.control.createForeignIntent();
  await standin.control.idle();
  const [, ...retried] = standin.control.deliveries();
  expect(retried.map(({ status }) => status)).toEqual([500, 503, 200]);
  expect(new Set(retried.map(({ eventId }) => eventId)).size).toBe(1);
});

test('a webhook that cannot be reached is recorded as no answer', async () => {
  standin.control.configureEndpoint({ url: 'http://127.0.0.1:1' });
  standin.control.createForeignIntent();
  await standin.control.idle();
  expect(standin.control.deliveries()).toMatchObject([{ status: null }]);
});

test('an event can be made of any type, in the mode of its object', async () => {
  const { id } = standin.control.createForeignIntent();
  standin.control.edit(id, { livemode: true });
  standin.control.emit('payment_intent.partially_funded', id, { amount: 1 });
  await standin.control.idle();
  expect(delivered()).toContainEqual(
    expect.objectContaining({
      type: 'payment_intent.partially_funded',
      livemode: true,
      data: expect.objectContaining({ previous_attributes: { amount: 1 } }) as object,
    }),
  );
});

test('while a secret is being replaced either verifies', async () => {
  standin.control.configureEndpoint({ secrets: [SECRET, 'whsec_next'] });
  standin.control.createForeignIntent();
  await standin.control.idle();
  expect(delivered(SECRET)).toEqual(delivered('whsec_next'));
});

test('signatures can be forged', () => {
  const read = ({ body, header }: { body: string; header: string }) =>
    stripe.webhooks.constructEvent(body, header, SECRET);
  const event = { id: 'evt_1', object: 'event', type: 'x' };
  const good = standin.control.signed(event);
  expect(read(good)).toEqual(event);

  const foreign = standin.control.signed(event, { secret: 'whsec_other' });
  expect(() => read(foreign)).toThrow('No signatures');
  const timestampSeconds = Math.floor(Date.now() / 1000) - 301;
  const stale = standin.control.signed('{"object":"event"}', { timestampSeconds });
  expect(() => read(stale)).toThrow('tolerance');
});
