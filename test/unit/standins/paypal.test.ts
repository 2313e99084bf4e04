import { startPayPal, type PayPalStandin } from '../../standins/paypal/server.ts';

const DAY_MS = 86_400_000;

let paypal: PayPalStandin;
let nowMs = Date.UTC(2026, 10, 1, 10);

beforeAll(async () => {
  const secrets = { clientId: 'id', clientSecret: 'secret', webhookId: 'WEBHOOK1' };
  paypal = await startPayPal({ ...secrets, now: () => nowMs });
});
afterAll(() => paypal.stop());
beforeEach(() => {
  paypal.control.reset();
});

async function ask(path: string, parameters: Record<string, string>) {
  const authorization = `Basic ${Buffer.from('id:secret').toString('base64')}`;
  const init = { method: 'POST', headers: { authorization } };
  const token = await fetch(`${paypal.origin}/v1/oauth2/token`, init);
  const { access_token: bearer } = (await token.json()) as { access_token: string };
  const url = `${paypal.origin}${path}?${new URLSearchParams(parameters).toString()}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${bearer}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const at = (ms: number) => new Date(ms).toISOString();

describe('the list of events', () => {
  const list = (parameters: Record<string, string> = {}) =>
    ask('/v1/notifications/webhooks-events', parameters);

  function pay(count: number): string[] {
    return Array.from({ length: count }, () => {
      nowMs += 1000;
      return paypal.control.createForeignPayment().id;
    });
  }

  const idsOf = ({ body }: Awaited<ReturnType<typeof list>>) =>
    (body['events'] as { resource: { id: string } }[]).map(({ resource }) => resource.id);

  test('shows the newest first, ten on a page, with a link to the next', async () => {
    const ids = pay(12).toReversed();
    const first = await list();
    expect(idsOf(first)).toEqual(ids.slice(0, 10));
    const [next] = first.body['links'] as { rel: string; href: string }[];
    expect(next?.rel).toBe('next');
    const second = await list(Object.fromEntries(new URL(next?.href ?? '').searchParams));
    expect(idsOf(second)).toEqual(ids.slice(10));
    expect(second.body).toMatchObject({ count: 2, links: [] });
  });

  test('filters by time, type and object, and forgets after 30 days', async () => {
    const startMs = nowMs;
    const [first = '', second = ''] = pay(2);
    paypal.control.refund(first);
    expect(idsOf(await list({ transaction_id: first }))).toEqual([first]);
    expect(idsOf(await list({ event_type: 'PAYMENT.CAPTURE.REFUNDED' }))).toHaveLength(1);
    const span = { start_time: at(startMs), end_time: at(startMs + 1000) };
    expect(idsOf(await list(span))).toEqual([first]);
    expect(idsOf(await list({ start_time: at(nowMs) }))).toContain(second);
    nowMs += 31 * DAY_MS;
    expect(idsOf(await list())).toEqual([]);
  });

  test.each([{ page: '1' }, { page_size: '0' }, { start_time: '2026-11-01' }])(
    'refuses %j',
    async (parameters) => {
      expect((await list(parameters as Record<string, string>)).status).toBe(400);
    },
  );
});

describe('the list of transactions', () => {
  const list = (parameters: Record<string, string> = {}) => {
    const span = { start_date: at(nowMs - DAY_MS), end_date: at(nowMs) };
    return ask('/v1/reporting/transactions', { ...span, ...parameters });
  };

  const codesOf = ({ body }: Awaited<ReturnType<typeof list>>) =>
    (body['transaction_details'] as { transaction_info: object }[]).map(
      ({ transaction_info: info }) => info,
    );

  test('is for an app that may search', async () => {
    expect((await list()).status).toBe(403);
    paypal.control.search({ isPermitted: true });
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body).toMatchObject({ transaction_details: [], total_items: 0, total_pages: 0 });
  });

  test('shows what moved the balance, oldest first, by pages', async () => {
    paypal.control.search({ isPermitted: true });
    const { id } = paypal.control.createForeignPayment({ customId: 'basket-7' });
    paypal.control.createForeignPayment({ status: 'DECLINED' });
    const { id: refundId } = paypal.control.refund(id, 400);
    paypal.control.reverseCapture(id);
    paypal.control.returnReversal(id, 1100);
    const reference = { paypal_reference_id: id, paypal_reference_id_type: 'TXN' };
    const value = (text: string) => ({ transaction_amount: { currency_code: 'USD', value: text } });
    const expected = [
      { transaction_id: id, transaction_event_code: 'T0006', transaction_status: 'V' },
      { transaction_id: refundId, transaction_event_code: 'T1107', ...value('-4.00') },
      { transaction_event_code: 'T1106', ...reference, ...value('-11.00') },
      { transaction_event_code: 'T1202', ...reference, ...value('11.00') },
    ];
    expect(codesOf(await list())).toMatchObject(expected);
    const second = await list({ page_size: '3', page: '2' });
    expect(codesOf(second)).toMatchObject(expected.slice(3));
    expect(second.body).toMatchObject({ page: 2, total_items: 4, total_pages: 2 });
  });

  test('is as late as it says', async () => {
    paypal.control.search({ isPermitted: true, delayMs: 3_600_000 });
    paypal.control.createForeignPayment();
    expect(codesOf(await list())).toEqual([]);
    const refused = await list({ start_date: at(nowMs - 60_000) });
    expect(refused.body['name']).toBe('INVALID_REQUEST');
    nowMs += 3_600_000;
    expect(codesOf(await list())).toHaveLength(1);
  });

  test('refuses more than 31 days, and more than it may show', async () => {
    paypal.control.search({ isPermitted: true, most: 1 });
    expect((await list({ start_date: at(nowMs - 32 * DAY_MS) })).status).toBe(400);
    paypal.control.createForeignPayment();
    expect((await list()).status).toBe(200);
    paypal.control.createForeignPayment();
    expect((await list()).body).toMatchObject({ name: 'RESULTSET_TOO_LARGE', maximum_items: 1 });
  });

  test.each([
    { page_size: '501' },
    { page: '0' },
    { end_date: '2026-11-01T10:00Z' },
    { page_token: '2' },
  ])('refuses %j', async (parameters) => {
    paypal.control.search({ isPermitted: true });
    expect((await list(parameters as Record<string, string>)).status).toBe(400);
  });
});
