import { Unauthentic } from '../../../../functions/src/errors.ts';
import { openGateway } from '../../../../functions/src/gateways/stripe/gateway.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { existing } from '../../../harness/existing.ts';
import { logFromNow } from '../../../harness/log.ts';
import { orderBook } from '../../../harness/orders.ts';
import { told } from '../../../harness/own-firestore.ts';
import { startStripe, type StripeStandin } from '../../../standins/stripe/server.ts';

/** A secret that is not the destination's is told from a stranger at the first refusal. */

let standin: StripeStandin | undefined;
const stripe = () => existing(standin).control;

beforeEach(async () => {
  standin = await startStripe({ apiKey: 'sk_test_standin', webhookSecret: 'whsec_standin' });
  setEnvironment({
    PAYMENTS_MODE: 'test',
    STRIPE_SECRET_KEY: 'sk_test_standin',
    STRIPE_WEBHOOK_SECRET: 'whsec_of_another_destination',
    STRIPE_API_URL: standin.origin,
  });
});

afterEach(() => standin?.stop());

const strange = { id: 'evt_unknown', object: 'event' };
const known = () =>
  stripe().emit('payment_intent.created', stripe().createForeignIntent().id) as object;

const asked = () =>
  stripe()
    .requests()
    .filter(({ path }) => path.startsWith('/v1/events/')).length;

/** What the log has of events that come one after the other; each of them is refused. */
async function refused(events: readonly object[], pauseMs = 0): Promise<string[]> {
  let now = Date.now();
  const deps = { orders: orderBook(), deployment: 'project1', now: () => new Date(now) };
  const gateway = await openGateway(deps);
  const logged = logFromNow();
  for (const event of events) {
    const { body, header } = stripe().signed(event);
    const headers = { 'stripe-signature': header };
    const request = { method: 'POST', headers, body: Buffer.from(body) };
    await expect(gateway.verify(request)).rejects.toThrow(Unauthentic);
    now += pauseMs;
  }
  return told(logged());
}

const ALERT =
  'ERROR Stripe has sent this event, and STRIPE_WEBHOOK_SECRET does not fit its signature';

test('an event that Stripe knows is an alert', async () => {
  expect(await refused([known()])).toEqual([ALERT]);
});

test.each([
  ['an event that Stripe does not know', strange, 1],
  ['a body without an id', { object: 'event' }, 0],
  ['an id that would be another path', { id: 'evt_1/../../charges' }, 0],
])("%s is a stranger's", async (_, event, questions) => {
  expect(await refused([event])).toEqual([]);
  expect(asked()).toBe(questions);
});

test('a request without a signature is not asked about', async () => {
  const gateway = await openGateway({ orders: orderBook(), deployment: 'project1' });
  const body = Buffer.from(JSON.stringify(known()));
  const request = { method: 'POST', headers: {}, body };
  await expect(gateway.verify(request)).rejects.toThrow(Unauthentic);
  expect(asked()).toBe(0);
});

test('no answer of Stripe is no news', async () => {
  stripe().fault({ match: 'GET /v1/events', status: 500, times: 9 });
  expect(await refused([known()])).toEqual([]);
  expect(asked()).toBeGreaterThan(0);
});

test('strangers make us ask once a minute at the most', async () => {
  expect(await refused([strange, known(), known()], 20_000)).toEqual([]);
  expect(asked()).toBe(1);
  expect(await refused([strange, known()], 60_000)).toEqual([ALERT]);
  expect(asked()).toBe(3);
});
