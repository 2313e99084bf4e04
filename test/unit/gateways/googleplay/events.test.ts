import { Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import { parseEvent } from '../../../../functions/src/gateways/googleplay/events.ts';
import { receiptIdOf } from '../../../../functions/src/gateways/googleplay/purchases.ts';
import { fixture } from '../../../contract/gateway-contract.ts';
import { pushSettings } from '../../../../scripts/googleplay/plan.ts';
import { Bench, PACKAGE, pushed, SENT_AT } from './bench.ts';

const bench = new Bench();

const base = { version: '1.0', packageName: PACKAGE, eventTimeMillis: '1790000000123' };
const purchase = {
  version: '1.0',
  notificationType: 1,
  purchaseToken: 'standin-token-00001.AO-J2222',
  sku: 'credits_500',
};
const voided = {
  purchaseToken: 'standin-token-00001.AO-J2222',
  orderId: 'GPA.3300-1111-2222-00001',
  productType: 2,
  refundType: 1,
};

function body(data: unknown, message: object = { messageId: '880001' }): Buffer {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  const encoded = Buffer.from(text).toString('base64');
  return Buffer.from(JSON.stringify({ message: { data: encoded, ...message } }));
}

function read(given: Buffer, headers: Record<string, string> = {}) {
  return parseEvent({ method: 'POST', headers, body: given });
}

test('a purchase', () => {
  expect(read(body({ ...base, oneTimeProductNotification: purchase }))).toEqual({
    id: '880001',
    type: 'oneTimeProduct.1',
    packageName: PACKAGE,
    at: SENT_AT,
    subject: { kind: 'purchase', token: 'standin-token-00001.AO-J2222' },
  });
});

test('a refund', () => {
  const { type, subject } = read(body({ ...base, voidedPurchaseNotification: voided }));
  const { purchaseToken: token, orderId: googleOrderId } = voided;
  expect([type, subject]).toEqual(['voidedPurchase', { kind: 'void', token, googleOrderId }]);
});

test.each([
  ['numbers in quotes', { notificationType: '1' }, base],
  ['a number for the time', {}, { ...base, eventTimeMillis: 1_790_000_000_123 }],
  ['a field nobody knows', { colour: 'red' }, { ...base, colour: 'red' }],
])('%s is read all the same', (_, more, outer) => {
  const oneTimeProductNotification = { ...purchase, ...more };
  const event = read(body({ ...outer, oneTimeProductNotification }));
  expect([event.type, event.subject.kind, event.at]).toEqual([
    'oneTimeProduct.1',
    'purchase',
    SENT_AT,
  ]);
});

test.each([
  ['type 3', { oneTimeProductNotification: { ...purchase, notificationType: 3 } }],
  ['a refunded subscription', { voidedPurchaseNotification: { ...voided, productType: 1 } }],
  ['a subscription', { subscriptionNotification: { notificationType: 4 } }],
  ['a test', { testNotification: { version: '1.0' } }],
  ['a kind nobody knows', { newThingNotification: {} }],
  ['no kind', {}],
])('%s concerns nobody', async (_, given) => {
  const request = pushed(body({ ...base, ...given }));
  const event = await bench.gateway().verify(request);
  expect(event.subject.kind).toBe('nothing');
  expect(await bench.gateway().movements(event)).toEqual([]);
});

test('a notification of another app concerns nobody', async () => {
  const given = { ...base, packageName: 'com.example.other', voidedPurchaseNotification: voided };
  const event = await bench.gateway().verify(pushed(body(given)));
  expect(await bench.gateway().movements(event)).toEqual([]);
  expect(bench.google.control.requests().map(({ path }) => path)).not.toContain('/token');
});

test.each([
  ['an empty body', Buffer.alloc(0)],
  ['an array', Buffer.from('[]')],
  ['null', Buffer.from('null')],
  ['no message', Buffer.from('{"subscription":"projects/p/subscriptions/s"}')],
  ['a message without data', Buffer.from('{"message":{"messageId":"1"}}')],
  ['data that is no base64', Buffer.from('{"message":{"data":"*","messageId":"1"}}')],
  ['data that is no JSON', body('hello')],
  ['data that is null', body('null')],
  ['data that is an array', body('[]')],
  ['no app', body({ eventTimeMillis: '1', testNotification: {} })],
  ['no time', body({ packageName: PACKAGE, testNotification: {} })],
  ['a time beyond time', body({ ...base, eventTimeMillis: '9'.repeat(15) + '9' })],
  [
    'two kinds at once',
    body({ ...base, testNotification: {}, voidedPurchaseNotification: voided }),
  ],
  ['a kind that is null', body({ ...base, voidedPurchaseNotification: null })],
  ...[
    '..',
    '',
    'short',
    'a'.repeat(1_501),
    '../../orders/x',
    'a?b=c&d=1234',
    'a#b1234567',
    'a\nb1234567',
  ].map((token): [string, Buffer] => [
    `the token ${JSON.stringify(token.slice(0, 20))}`,
    body({ ...base, voidedPurchaseNotification: { ...voided, purchaseToken: token } }),
  ]),
  ['no token', body({ ...base, oneTimeProductNotification: { notificationType: 1 } })],
  [
    'a type in words',
    body({ ...base, oneTimeProductNotification: { ...purchase, notificationType: 'one' } }),
  ],
])('%s is kept for a person, and asks Google nothing', async (_, given) => {
  const event = await bench.gateway().verify(pushed(given));
  expect(event.subject.kind).toBe('unreadable');
  await expect(bench.gateway().movements(event)).rejects.toThrow(Unusable);
  expect(bench.google.control.requests().map(({ path }) => path)).not.toContain('/token');
});

describe('the id of an event', () => {
  const data = { ...base, testNotification: {} };

  test('is the message’s, in whichever spelling', () => {
    expect(read(body(data, { messageId: '1', message_id: '1' })).id).toBe('1');
    expect(read(body(data, { message_id: '2' })).id).toBe('2');
  });

  test('is in a header when Pub/Sub sends the notification alone, whatever its content type', () => {
    const alone = Buffer.from(JSON.stringify(data));
    const headers = { 'x-goog-pubsub-message-id': '3', 'content-type': 'text/plain' };
    expect(read(alone, headers)).toMatchObject({ id: '3', type: 'test' });
  });

  test('is made of the body when there is none that a document could be named by', () => {
    const unnamed = read(body(data, { messageId: '../..' })).id;
    expect(unnamed).toMatch(/^[0-9a-f]{32}$/);
    expect(read(body(data, { messageId: '../..' })).id).toBe(unnamed);
    expect(read(body(data, { messageId: '/' })).id).not.toBe(unnamed);
  });
});

describe('what is parked of an event', () => {
  async function traced(given: object) {
    const gateway = bench.gateway();
    return gateway.trace?.(await gateway.verify(pushed(body({ ...base, ...given }))));
  }

  test.each([
    ['purchase', { oneTimeProductNotification: purchase }],
    ['refund', { voidedPurchaseNotification: voided }],
  ])('names the receipt of a %s, not its token', async (_, given) => {
    const trace = await traced(given);
    expect(trace).toMatchObject({
      id: '880001',
      receiptId: receiptIdOf(purchase.purchaseToken),
    });
    expect(JSON.stringify(trace)).not.toContain(purchase.purchaseToken);
  });

  test('is all that an answer to Google about a chargeback needs', async () => {
    const pushed = fixture('googleplay', 'pendingRefundReviewNotification');
    const event = parseEvent({ method: 'POST', headers: {}, body: pushed });
    await expect(bench.gateway().movements(event)).rejects.toThrow(Unusable);
    expect(bench.gateway().trace?.(event)).toMatchObject({
      type: 'pendingRefundReview',
      review: {
        orderId: 'GPA.3300-1111-2222-00001',
        pendingRefundToken: 'standin-review-1',
        refundReason: 7,
      },
    });
  });
});

describe('what Google does not show', () => {
  const HOUR_MS = 60 * 60_000;

  async function announced(given: object) {
    const gateway = bench.gateway();
    const event = await gateway.verify(pushed(body({ ...base, ...given })));
    return () => gateway.movements(event);
  }

  test('an announced purchase is waited for, and is then a person’s matter', async () => {
    const movements = await announced({ oneTimeProductNotification: purchase });
    bench.now = new Date(SENT_AT.getTime() + 12 * HOUR_MS - 1);
    await expect(movements()).rejects.toThrow(Unavailable);
    bench.now = new Date(SENT_AT.getTime() + 12 * HOUR_MS);
    await expect(movements()).rejects.toThrow(Unusable);
  });

  test('a person is called before Pub/Sub gives the message up', async () => {
    const plan = { project: 'p', projectNumber: '1', endpoint: 'https://x', sender: 's' };
    const { deadLetterPolicy, retryPolicy } = pushSettings(plan);
    const pauses = deadLetterPolicy.maxDeliveryAttempts - 10;
    const movements = await announced({ oneTimeProductNotification: purchase });
    const lastMs = pauses * retryPolicy.maximumBackoff.seconds * 1_000;
    bench.now = new Date(SENT_AT.getTime() + lastMs);
    await expect(movements()).rejects.toThrow(Unusable);
  });

  test('an announced refund is acknowledged at once: the schedule looks for it', async () => {
    const movements = await announced({ voidedPurchaseNotification: voided });
    expect(await movements()).toEqual([]);
    expect(bench.waits()).toEqual(['refund']);
  });

  test('an order id that would be another path is not asked for', async () => {
    for (const orderId of ['x'.repeat(5_000), '..', 'a/b', 'a?b', 7]) {
      const movements = await announced({ voidedPurchaseNotification: { ...voided, orderId } });
      await movements();
    }
    const paths = bench.google.control.requests().map(({ path }) => path);
    expect(paths.filter((path) => path.includes('/orders'))).toEqual([]);
  });

  test('what Google takes for no purchase of ours is a person’s matter at once', async () => {
    bench.google.control.fault({ match: 'GET /androidpublisher', status: 400 });
    const gateway = bench.gateway();
    const event = await gateway.verify(
      pushed(body({ ...base, oneTimeProductNotification: purchase })),
    );
    await expect(gateway.movements(event)).rejects.toThrow(Unusable);
  });
});
