import { Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import type { Call, Reply } from '../../../standins/http.ts';
import { clock, happenings, movementsOfEvents, open, order, pay, sorted } from './bench.ts';
import { CAPTURE, DAY_MS, EVENTS, HOUR_MS, noEvents, SEARCH, useHistory } from './history-bench.ts';

const { paypal, pagesOf, list, permitSearch, calls, answering } = useHistory();

describe.each(Object.entries(happenings))('%s', (_name, happen) => {
  test.each(['events', 'transactions'])(
    'is found in the list of %s, as the webhook tells it',
    async (from) => {
      happen(paypal().control);
      const expected = await movementsOfEvents(paypal(), await open());
      expect(expected.length).toBeGreaterThan(0);
      if (from === 'events') {
        expect(sorted(await list())).toEqual(expected);
        return;
      }
      permitSearch();
      await answering(EVENTS, noEvents, async () => {
        expect(sorted(await list())).toEqual(expected);
      });
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

test('a payment that the lists name on several days is read once, with all that they say', async () => {
  permitSearch();
  clock.agoMs = 3 * DAY_MS;
  pay(paypal().control);
  clock.agoMs = 0;
  paypal().control.remove(paypal().control.reverse(CAPTURE, 400).id);
  const [payment, missing] = await list(96);
  expect(payment).toMatchObject({ id: CAPTURE });
  expect(missing).toMatchObject({ about: `${CAPTURE}-reversed` });
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
  const starts: string[] = [];
  const answer = ({ query }: Call): Reply => {
    starts.push(query.get('start_time') ?? '');
    return noEvents();
  };
  await answering(EVENTS, answer, async () => {
    expect(await list(42 * 24)).toMatchObject([{ id: CAPTURE }]);
  });
  const [start = ''] = starts;
  expect(Date.now() - Date.parse(start)).toBeLessThan(30 * DAY_MS);
  expect(starts).toHaveLength(1);
  expect(calls().filter((call) => call === `GET ${SEARCH}`)).toHaveLength(2);
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

  test('of events end with an empty one, and their links may be written as in HTML', async () => {
    const queries: string[] = [];
    const answer = ({ query }: Call): Reply => {
      queries.push(query.toString());
      const href = `https://api.paypal.com${EVENTS}/?page_size=2&amp;index_id=${queries.length}`;
      const links = [{ href, rel: 'next' }];
      const entries = queries.length < 3 ? { events: [{ id: 'WH-1' }] } : { count: 0 };
      return { status: 200, body: { links, ...entries } };
    };
    await answering(EVENTS, answer, async () => {
      expect(await list()).toHaveLength(2);
    });
    expect(queries.slice(1)).toEqual(['page_size=2&index_id=1', 'page_size=2&index_id=2']);
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
    await answering(EVENTS, noEvents, async () => {
      expect(await list(12, many)).toHaveLength(3);
    });
  });

  test('of transactions end where the first one said, though the list grows', async () => {
    permitSearch();
    let count = 0;
    const answer = (): Reply => {
      count += 1;
      return {
        status: 200,
        body: { transaction_details: [], total_pages: Math.min(count + 1, 9) },
      };
    };
    await answering(SEARCH, answer, async () => {
      expect(await list()).toEqual([]);
    });
    expect(count).toBe(2);
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
    await answering(
      SEARCH,
      ({ query }) => answer(query.get('page')),
      async () => {
        expect(await list()).toEqual([]);
      },
    );
    expect(asked).toEqual(['1', '2', '3']);
    expect(calls().filter((call) => call.includes('captures'))).toHaveLength(3);
  });
});

test('refunds whose capture is not named are found by their own id, and read once', async () => {
  pay(paypal().control);
  const { id } = paypal().control.refund(CAPTURE, 400);
  const event = { ...paypal().control.events()[1], resource: { id } };
  const gone = { ...event, resource: { id: 'REFUND9' } };
  const body = { events: [event, gone, { ...event, id: 'WH-2' }] };
  await answering(
    EVENTS,
    () => ({ status: 200, body }),
    async () => {
      expect(await list()).toMatchObject([{ id: CAPTURE }, { id }]);
    },
  );
  const reads = calls().filter((call) => call.includes('/refunds/'));
  expect(reads).toEqual([`GET /v2/payments/refunds/${id}`, 'GET /v2/payments/refunds/REFUND9']);
});

test.each([
  ['with a custom id of its own', { custom_id: 'basket-7' }, '2.0'],
  ['told in the form of the old API', {}, '1.0'],
])('a refund %s leads to its payment', async (_what, patch, version) => {
  pay(paypal().control);
  const { id, links } = paypal().control.refund(CAPTURE, 400);
  const resource = { id, links, ...patch };
  const event = { ...paypal().control.events()[1], resource, resource_version: version };
  await answering(
    EVENTS,
    () => ({ status: 200, body: { events: [event] } }),
    async () => {
      expect(await list()).toMatchObject([{ id: CAPTURE }, { id }]);
    },
  );
});

test('a refund that an event ascribes to another capture is not booked there', async () => {
  pay(paypal().control);
  const { id } = paypal().control.refund(pay(paypal().control), 400);
  const links = [{ href: `https://api.paypal.com/v2/payments/captures/${CAPTURE}`, rel: 'up' }];
  const event = { ...paypal().control.events()[2], resource: { id, links } };
  await answering(
    EVENTS,
    () => ({ status: 200, body: { events: [event] } }),
    async () => {
      expect(await list()).toMatchObject([{ id: CAPTURE }]);
    },
  );
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
