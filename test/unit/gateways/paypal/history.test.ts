import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import type { Reply } from '../../../standins/http.ts';
import {
  clock,
  happenings,
  inFrontOf,
  movementsOfEvents,
  open,
  order,
  pay,
  sorted,
  useStandin,
} from './bench.ts';

const paypal = useStandin();

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CAPTURE = 'CAPTURE0000000001';
const EVENTS = '/v1/notifications/webhooks-events';
const SEARCH = '/v1/reporting/transactions';

function permitSearch(): void {
  paypal().control.search({ isPermitted: true });
  setEnvironment({ PAYPAL_TRANSACTION_SEARCH: 'true' });
}

/** The pages of the last `hours`, as far as they come. */
async function pagesOf(hours = 1, known = [order]): Promise<(readonly Reported[])[]> {
  const { history } = await open({ known, isReadOnly: true });
  const until = new Date(Date.now() + 1000);
  const pages: (readonly Reported[])[] = [];
  const since = new Date(until.getTime() - hours * HOUR_MS);
  for await (const page of history?.list(since, until) ?? []) pages.push(page);
  return pages;
}

const list = async (hours = 1, known = [order]) => (await pagesOf(hours, known)).flat();

/** What was asked of PayPal's API, but for the token. */
const calls = () =>
  paypal()
    .control.requests()
    .filter(({ path }) => path !== '/v1/oauth2/token')
    .map(({ method, path }) => `${method} ${path}`);

describe.each(Object.entries(happenings))('%s', (_name, happen) => {
  test.each(['events', 'transactions'])(
    'is found in the list of %s, as the webhook tells it',
    async (from) => {
      happen(paypal().control);
      const expected = await movementsOfEvents(paypal(), await open());
      expect(expected.length).toBeGreaterThan(0);
      if (from === 'events') return expect(sorted(await list())).toEqual(expected);
      permitSearch();
      const noEvents: Reply = { status: 200, body: { events: [], count: 0 } };
      return inFrontOf(
        paypal(),
        ({ path }) => (path === EVENTS ? noEvents : undefined),
        async () => {
          expect(sorted(await list())).toEqual(expected);
        },
      );
    },
  );
});

test('a payment that both lists name is read once, and each page has all of its payments', async () => {
  permitSearch();
  pay(paypal().control);
  paypal().control.refund(CAPTURE, 400);
  expect(await list()).toHaveLength(2);
  expect(calls()).toEqual([
    `GET ${EVENTS}`,
    `GET ${SEARCH}`,
    `GET /v2/payments/captures/${CAPTURE}`,
    'GET /v2/checkout/orders/ORDER000000000001',
  ]);
});

test('a span of several days is listed day by day, and a payment in two of them is read once', async () => {
  clock.agoMs = 3 * DAY_MS;
  pay(paypal().control);
  clock.agoMs = 0;
  paypal().control.refund(CAPTURE, 400);
  expect(await list(96)).toHaveLength(2);
  expect(calls().filter((call) => call === `GET ${EVENTS}`)).toHaveLength(4);
  expect(calls().filter((call) => call.includes('captures'))).toHaveLength(1);
});

test('the time before the span is not listed', async () => {
  clock.agoMs = 2 * HOUR_MS;
  pay(paypal().control);
  expect(await list(1)).toEqual([]);
  expect(await list(3)).toHaveLength(1);
});

test('without the search, PayPal is asked for 30 days; with it, for three years', async () => {
  const { history } = await open();
  expect(history).toMatchObject({ lagMs: HOUR_MS, everyMs: HOUR_MS });
  expect(history?.reachMs).toBeLessThan(30 * DAY_MS);
  permitSearch();
  const { history: searching } = await open();
  expect(searching).toMatchObject({ lagMs: 3 * HOUR_MS, everyMs: HOUR_MS });
  expect(searching?.reachMs).toBeGreaterThan(1000 * DAY_MS);
});

test('events that PayPal has forgotten are not asked for', async () => {
  permitSearch();
  clock.agoMs = 40 * DAY_MS;
  pay(paypal().control);
  clock.agoMs = 0;
  expect(await list(42 * 24)).toMatchObject([{ id: CAPTURE }]);
  const asked = (path: string) => calls().filter((call) => call === `GET ${path}`).length;
  expect([asked(EVENTS), asked(SEARCH)]).toEqual([30, 42]);
});

describe('several pages', () => {
  function payOften(count: number) {
    const known = Array.from({ length: count }, (_, index) => {
      return { ...order, orderId: index.toString(16).padStart(32, '0') };
    });
    for (const { orderId } of known) paypal().control.createForeignPayment({ customId: orderId });
    return known;
  }

  test('of events are followed', async () => {
    const pages = await pagesOf(1, payOften(101));
    expect(pages.flat()).toHaveLength(101);
    expect(pages).toHaveLength(6);
    expect(calls().filter((call) => call === `GET ${EVENTS}`)).toHaveLength(2);
  });

  test('of transactions are followed, and a span with too many is halved', async () => {
    permitSearch();
    const many = payOften(3);
    paypal().control.search({ most: 2 });
    // All three are of one second, which cannot be halved.
    await expect(list(1, many)).rejects.toThrow(Unavailable);
    paypal().control.reset();
    paypal().control.search({ isPermitted: true, most: 2 });
    for (const [index, { orderId }] of many.entries()) {
      clock.agoMs = (2 - index) * 5 * HOUR_MS;
      paypal().control.createForeignPayment({ customId: orderId });
    }
    const noEvents: Reply = { status: 200, body: { events: [], count: 0 } };
    await inFrontOf(
      paypal(),
      ({ path }) => (path === EVENTS ? noEvents : undefined),
      async () => {
        expect(await list(12, many)).toHaveLength(3);
      },
    );
  });

  test('of transactions, by their number', async () => {
    permitSearch();
    const asked: (string | null)[] = [];
    const answer = (page: string | null): Reply => {
      asked.push(page);
      const info = { transaction_id: `T${page}`, transaction_event_code: 'T0006' };
      const body = { transaction_details: [{ transaction_info: info }], total_pages: 3 };
      return { status: 200, body };
    };
    await inFrontOf(
      paypal(),
      ({ path, query }) => (path === SEARCH ? answer(query.get('page')) : undefined),
      async () => {
        expect(await list()).toEqual([]);
      },
    );
    expect(asked).toEqual(['1', '2', '3']);
    expect(calls().filter((call) => call.includes('captures'))).toHaveLength(3);
  });
});

describe('not ours', () => {
  test('is a payment that says so: it is not even read', async () => {
    permitSearch();
    paypal().control.createForeignPayment({ customId: 'basket-7' });
    paypal().control.dispute(pay(paypal().control, 'DECLINED'));
    expect(await list(1, [])).toEqual([]);
    expect(calls()).toEqual([`GET ${EVENTS}`, `GET ${SEARCH}`]);
  });

  test('is a refund of such a payment, and a payment to another account', async () => {
    permitSearch();
    paypal().control.refund(paypal().control.createForeignPayment().id);
    const payee = { merchant_id: 'OTHER' };
    paypal().control.createForeignPayment({ customId: order.orderId, payee });
    expect(await list()).toEqual([]);
  });

  test('is what PayPal does not know or does not show, unless it names our order', async () => {
    permitSearch();
    const { id } = paypal().control.createForeignPayment();
    paypal().control.remove(id);
    expect(await list()).toEqual([]);
    paypal().control.fault({ match: 'GET /v2', status: 403 });
    expect(await list()).toEqual([]);
    const own = pay(paypal().control);
    paypal().control.remove(own);
    const [missing, ...others] = await list();
    expect(missing).toBeInstanceOf(Unusable);
    expect(missing).toMatchObject({ about: own });
    expect(others).toEqual([]);
  });
});

describe('what cannot be read', () => {
  test('hides no other payment', async () => {
    const broken = pay(paypal().control);
    paypal().control.edit(broken, { create_time: undefined });
    const whole = pay(paypal().control);
    const reported = await list();
    expect(reported).toHaveLength(2);
    expect(reported).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ about: broken }),
        expect.objectContaining({ id: whole }),
      ]),
    );
  });

  test('of a list is told with its id, and hides no other entry', async () => {
    pay(paypal().control);
    const [event] = paypal().control.events();
    const entries = [7, { id: 'WH-2' }, { ...event, id: 'WH-3', resource: {} }, event];
    const answer: Reply = { status: 200, body: { events: entries } };
    await inFrontOf(
      paypal(),
      ({ path }) => (path === EVENTS ? answer : undefined),
      async () => {
        const [first, second, third, ...others] = await list();
        const expected = [{ about: undefined }, { about: 'WH-2' }, { about: 'WH-3' }];
        expect([first, second, third]).toMatchObject(expected);
        expect(others).toMatchObject([{ id: CAPTURE }]);
      },
    );
  });

  test('of the list of transactions hides no other entry', async () => {
    permitSearch();
    pay(paypal().control);
    const info = { transaction_id: CAPTURE, transaction_event_code: 'T0006' };
    const details = [{}, { transaction_info: info }];
    const answer: Reply = { status: 200, body: { transaction_details: details, total_pages: 1 } };
    await inFrontOf(
      paypal(),
      ({ path }) => (path === SEARCH ? answer : undefined),
      async () => {
        expect(await list()).toEqual([
          expect.any(Unusable),
          expect.objectContaining({ id: CAPTURE }),
        ]);
      },
    );
  });
});

describe('money of disputes', () => {
  beforeEach(permitSearch);

  test('that came back is left to a person', async () => {
    const { control } = paypal();
    control.reverse(pay(control), 600);
    control.returnReversal(CAPTURE, 600);
    const [, reversal, returned] = await list();
    expect(reversal).toMatchObject({ kind: 'dispute', amountCents: -600 });
    expect(returned).toBeInstanceOf(Unusable);
    expect(returned).toMatchObject({ about: `${CAPTURE}-returned` });
  });

  test('that is listed as taken and that no object shows is left to a person', async () => {
    const { control } = paypal();
    control.remove(control.reverse(pay(control), 600).id);
    const [payment, missing] = await list();
    expect(payment).toMatchObject({ id: CAPTURE });
    expect(missing).toMatchObject({ about: `${CAPTURE}-reversed` });
  });

  test('that is only held moves nothing', async () => {
    paypal().control.dispute(pay(paypal().control));
    expect(await list()).toMatchObject([{ id: CAPTURE }]);
  });
});

describe('a list that fails', () => {
  test.each([429, 500, 503])('with %d is worth another try', async (status) => {
    paypal().control.fault({ match: `GET ${EVENTS}`, status });
    await expect(list()).rejects.toThrow(Unavailable);
  });

  test('in the middle keeps the pages so far', async () => {
    pay(paypal().control);
    paypal().control.fault({ match: 'GET /v2', status: 429 });
    await expect(list()).rejects.toThrow(Unavailable);
    expect(await list()).toHaveLength(1);
  });

  test.each<[string, string, Reply]>([
    ['half an answer', EVENTS, { status: 200, body: '{"events": [' }],
    ['no events', EVENTS, { status: 200, body: { count: 0 } }],
    ['half an answer', SEARCH, { status: 200, body: '{"transaction_details": [' }],
    ['no number of pages', SEARCH, { status: 200, body: { transaction_details: [] } }],
  ])('with %s of %s is worth another try', async (_what, path, reply) => {
    permitSearch();
    await inFrontOf(
      paypal(),
      (call) => (call.path === path ? reply : undefined),
      async () => {
        await expect(list()).rejects.toThrow(Unavailable);
      },
    );
  });

  test('by going in a circle does not go on for ever', async () => {
    const links = [{ rel: 'next', href: `https://elsewhere.example${EVENTS}?index_id=1` }];
    let count = 0;
    const answer = (): Reply => {
      count += 1;
      return { status: 200, body: { events: [], links } };
    };
    await inFrontOf(
      paypal(),
      ({ path }) => (path === EVENTS ? answer() : undefined),
      async () => {
        await expect(list()).rejects.toThrow('circle');
      },
    );
    expect(count).toBe(2);
  });

  test('because the app may not search says so, after all events were read', async () => {
    setEnvironment({ PAYPAL_TRANSACTION_SEARCH: 'true' });
    pay(paypal().control);
    const { history } = await open();
    const reported: Reported[] = [];
    const attempt = async () => {
      const pages = history?.list(new Date(Date.now() - 3 * DAY_MS), new Date(Date.now() + 1000));
      for await (const page of pages ?? []) reported.push(...page);
    };
    const failure: unknown = await attempt().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Misconfigured);
    expect(String(failure)).toContain('PAYPAL_TRANSACTION_SEARCH=false');
    expect(reported).toHaveLength(1);
    expect(calls().filter((call) => call === `GET ${SEARCH}`)).toHaveLength(1);
  });

  test('because PayPal’s list is later than promised is not taken for the truth', async () => {
    permitSearch();
    paypal().control.search({ delayMs: 2 * HOUR_MS });
    await expect(list(3)).resolves.toEqual([]);
    paypal().control.search({ delayMs: 4 * HOUR_MS });
    await expect(list(5)).rejects.toThrow('late');
    await expect(list(3)).rejects.toThrow(Unavailable);
  });

  test('is not made when the search is off', async () => {
    paypal().control.search({ isPermitted: true });
    await list();
    expect(calls()).toEqual([`GET ${EVENTS}`]);
  });
});
