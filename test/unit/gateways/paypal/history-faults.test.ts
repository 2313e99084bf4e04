import { Misconfigured, Unavailable } from '../../../../functions/src/errors.ts';
import { listEvents } from '../../../../functions/src/gateways/paypal/event-list.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import type { Reply } from '../../../standins/http.ts';
import { clock, inFrontOf, order, pay } from './bench.ts';
import { CAPTURE, DAY_MS, EVENTS, HOUR_MS, SEARCH, useHistory } from './history-bench.ts';

const { paypal, pagesOf, list, permitSearch, calls, answering } = useHistory();

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
    await answering(
      EVENTS,
      () => answer,
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
    const strange = { transaction_info: { ...info, transaction_id: 'x-1' } };
    const transfer = { transaction_info: { ...info, transaction_event_code: 'T0400' } };
    const details = [{}, strange, transfer, { transaction_info: info }];
    const answer: Reply = { status: 200, body: { transaction_details: details, total_pages: 1 } };
    await answering(
      SEARCH,
      () => answer,
      async () => {
        const expected = [{ about: undefined }, { about: 'x-1' }, { id: CAPTURE }];
        expect(await list()).toMatchObject(expected);
      },
    );
  });
});

describe('a list that fails', () => {
  test('in its middle names what was listed so far', async () => {
    permitSearch();
    clock.agoMs = 50 * DAY_MS;
    pay(paypal().control);
    clock.agoMs = 0;
    let count = 0;
    const pages: (readonly Reported[])[] = [];
    await inFrontOf(
      paypal(),
      ({ path }) => (path === SEARCH && (count += 1) > 1 ? { status: 503 } : undefined),
      async () => {
        await expect(pagesOf(52 * 24, [order], pages)).rejects.toThrow(Unavailable);
      },
    );
    expect(pages).toMatchObject([[{ id: CAPTURE }]]);
  });

  test.each([429, 500, 503])('with %d is worth another try', async (status) => {
    paypal().control.fault({ match: `GET ${EVENTS}`, status });
    await expect(list()).rejects.toThrow(Unavailable);
  });

  test('in the middle keeps the pages so far', async () => {
    for (let count = 0; count < 21; count += 1) pay(paypal().control);
    // The newest is listed first.
    paypal().control.fault({ match: `GET /v2/payments/captures/${CAPTURE}`, status: 429 });
    const pages: (readonly Reported[])[] = [];
    await expect(pagesOf(1, [order], pages)).rejects.toThrow(Unavailable);
    expect(pages.map(({ length }) => length)).toEqual([20]);
  });

  test.each([400, 404])('with %d, too: PayPal may not list this time yet', async (status) => {
    permitSearch();
    for (const path of [EVENTS, SEARCH]) {
      paypal().control.fault({ match: `GET ${path}`, status });
      await expect(list()).rejects.toThrow(Unavailable);
    }
  });

  test.each<[string, string, Reply]>([
    ['half an answer', EVENTS, { status: 200, body: '{"events": [' }],
    ['no events', EVENTS, { status: 200, body: { count: 2 } }],
    ['half an answer', SEARCH, { status: 200, body: '{"transaction_details": [' }],
    ['no entries', SEARCH, { status: 200, body: { total_pages: 1 } }],
    ['no number of pages', SEARCH, { status: 200, body: { transaction_details: [] } }],
  ])('with %s of %s is worth another try', async (_what, path, reply) => {
    permitSearch();
    await answering(
      path,
      () => reply,
      async () => {
        await expect(list()).rejects.toThrow(Unavailable);
      },
    );
  });

  test('by going in a circle does not go on for ever', async () => {
    pay(paypal().control);
    const links = [{ rel: 'next', href: `https://elsewhere.example${EVENTS}?index_id=1` }];
    let count = 0;
    const answer = (): Reply => {
      count += 1;
      return { status: 200, body: { events: paypal().control.events(), links } };
    };
    await answering(EVENTS, answer, async () => {
      await expect(list()).rejects.toThrow('circle');
    });
    expect(count).toBe(2);
  });

  test('by having ever more pages does not go on for ever, either', async () => {
    let count = 0;
    const page = () => {
      count += 1;
      const links = [{ rel: 'next', href: `${EVENTS}?index_id=${count}` }];
      return Promise.resolve(JSON.stringify({ events: [{}], links }));
    };
    const listing = listEvents({ get: page }, new Date(0), new Date());
    await expect(listing).rejects.toThrow(Unavailable);
    expect(count).toBe(1000);
  });

  test('because the app may not search says so, after all events were read', async () => {
    setEnvironment({ PAYPAL_TRANSACTION_SEARCH: 'true' });
    pay(paypal().control);
    const pages: (readonly Reported[])[] = [];
    const failure: unknown = await pagesOf(72, [order], pages).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Misconfigured);
    expect(String(failure)).toContain('PAYPAL_TRANSACTION_SEARCH=false');
    expect(pages.flat()).toHaveLength(1);
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
