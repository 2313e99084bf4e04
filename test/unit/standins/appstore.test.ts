import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { jwsOf, newAuthority } from '../../standins/appstore/authority.ts';
import { startAppStore, type AppStoreStandin } from '../../standins/appstore/server.ts';
import { listen, type Listener } from '../../standins/http.ts';

const authority = newAuthority();
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

let store: AppStoreStandin;
let webhook: Listener;
let answers: number[];
let bodies: string[];

beforeEach(async () => {
  answers = [];
  bodies = [];
  webhook = await listen(({ body }) => {
    bodies.push(body);
    return { status: answers.shift() ?? 200 };
  });
  store = await startAppStore({
    app: { bundleId: 'com.example.numbers', environment: 'Sandbox' },
    authority,
    webhookUrl: webhook.origin,
    apiKey: {
      publicKey: createPublicKey(privateKey),
      keyId: 'KEYID',
      issuerId: 'issuer',
      bundleId: 'com.example.numbers',
    },
  });
});

afterEach(async () => {
  await store.stop();
  await webhook.stop();
});

test('the certificates are a chain', () => {
  const [leaf, intermediate, root] = [authority.leaf, authority.intermediate, authority.root].map(
    ({ der }) => new X509Certificate(der),
  );
  expect(leaf?.checkIssued(intermediate as X509Certificate)).toBe(true);
  expect(intermediate?.checkIssued(root as X509Certificate)).toBe(true);
  expect(leaf?.verify((intermediate as X509Certificate).publicKey)).toBe(true);
  expect(intermediate?.verify((root as X509Certificate).publicKey)).toBe(true);
  expect([root?.ca, intermediate?.ca, leaf?.ca]).toEqual([true, true, false]);
});

test('a notification that is not taken is sent again, the same', async () => {
  store.control.configureEndpoint({ retryDelaysMs: [1, 1, 1] });
  answers = [500, 302, 206];
  store.control.notify('TEST');
  await store.control.idle();
  expect(store.control.deliveries().map(({ status }) => status)).toEqual([500, 302, 206]);
  expect(new Set(bodies).size).toBe(1);
});

test('what is held waits, and goes out in the order asked for', async () => {
  store.control.hold(true);
  const first = store.control.notify('TEST');
  const second = store.control.notify('REFUND_DECLINED');
  await store.control.idle();
  expect(bodies).toEqual([]);
  await store.control.release({ order: 'reverse', copies: 2 });
  expect(bodies).toEqual([second, second, first, first].map(({ body }) => body));
});

describe('the API', () => {
  const header = { alg: 'ES256', kid: 'KEYID' };
  const payload = {
    iss: 'issuer',
    aud: 'appstoreconnect-v1',
    bid: 'com.example.numbers',
    exp: Date.now() / 1000 + 300,
  };

  async function put(id: string, token = jwsOf(header, payload, privateKey), consent = true) {
    const response = await fetch(`${store.origin}/inApps/v2/transactions/consumption/${id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ customerConsented: consent }),
    });
    await response.text();
    return response.status;
  }

  test('takes its own key’s tokens only', async () => {
    const { transactionId: id } = store.control.buy({ productId: 'credits_500' });
    expect(await put(id)).toBe(202);
    const tokens = [
      jwsOf(header, payload, stranger),
      jwsOf({ ...header, kid: 'OTHER' }, payload, privateKey),
      jwsOf(header, { ...payload, iss: 'other' }, privateKey),
      jwsOf(header, { ...payload, aud: 'other' }, privateKey),
      jwsOf(header, { ...payload, bid: 'other' }, privateKey),
      jwsOf(header, { ...payload, exp: Date.now() / 1000 - 1 }, privateKey),
      'none',
    ];
    for (const token of tokens) expect(await put(id, token)).toBe(401);
  });

  test('knows its purchases, and asks for consent', async () => {
    const { transactionId: id } = store.control.buy({ productId: 'credits_500' });
    expect(await put('410000000000017')).toBe(404);
    expect(await put('not-a-number')).toBe(400);
    expect(await put(id, undefined, false)).toBe(400);
    store.control.fault({ status: 429, times: 2 });
    expect([await put(id), await put(id), await put(id)]).toEqual([429, 429, 202]);
  });

  async function ask(path: string, body?: object, query = ''): Promise<Record<string, unknown>> {
    const response = await fetch(`${store.origin}${path}${query}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${jwsOf(header, payload, privateKey)}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status: response.status, ...answer };
  }

  test('shows a purchase as it is now', async () => {
    const { transactionId: id } = store.control.buy({ productId: 'credits_500' });
    store.control.refund(id);
    const { status, signedTransactionInfo } = await ask(`/inApps/v1/transactions/${id}`);
    const [, signed = ''] = String(signedTransactionInfo).split('.');
    const decoded: unknown = JSON.parse(Buffer.from(signed, 'base64url').toString());
    expect([status, decoded]).toEqual([200, expect.objectContaining({ transactionId: id })]);
    expect(decoded).toMatchObject({ revocationType: 'REFUND_FULL' });
    const unknown = await ask('/inApps/v1/transactions/410000000000017');
    expect(unknown).toMatchObject({ status: 404, errorCode: 4_040_010 });
    const garbage = await ask('/inApps/v1/transactions/x');
    expect(garbage).toMatchObject({ status: 400, errorCode: 4_000_006 });
  });

  describe('lists notifications', () => {
    const span = () => ({ startDate: Date.now() - 60_000, endDate: Date.now() + 60_000 });
    const list = (body: object, query = '') => ask('/inApps/v1/notifications/history', body, query);

    async function listed(filter: object = {}): Promise<unknown[]> {
      const { notificationHistory } = await list({ ...span(), ...filter });
      return (notificationHistory as { signedPayload: string }[]).map((one) => one.signedPayload);
    }

    test('of a span, of a type, of a purchase, and those that failed', async () => {
      answers = [200, 500];
      const { transactionId: id } = store.control.buy({ productId: 'credits_500' });
      const made = [store.control.notify('TEST')];
      await store.control.idle();
      made.push(store.control.notify('ONE_TIME_CHARGE', id));
      await store.control.idle();
      const all = made.map(
        ({ body }) => (JSON.parse(body) as { signedPayload: string }).signedPayload,
      );
      expect(await listed()).toEqual(all);
      expect(await listed({ notificationType: 'TEST' })).toEqual([all[0]]);
      expect(await listed({ transactionId: id })).toEqual([all[1]]);
      expect(await listed({ onlyFailures: true })).toEqual([all[1]]);
      expect(await listed({ endDate: Date.now() - 30_000 })).toEqual([]);
    });

    test('page by page, with a token of this request only', async () => {
      for (let number = 0; number < 21; number += 1) store.control.notify('TEST');
      const body = span();
      const { paginationToken, hasMore, notificationHistory } = await list(body);
      expect([hasMore, (notificationHistory as unknown[]).length]).toEqual([true, 20]);
      const query = `?paginationToken=${String(paginationToken)}`;
      const rest = await list(body, query);
      expect(rest).toMatchObject({ hasMore: false, notificationHistory: [{}] });
      expect(rest).not.toHaveProperty('paginationToken');
      const other = await list({ ...body, startDate: body.startDate + 1 }, query);
      expect(other).toMatchObject({ status: 400, errorCode: 4_000_014 });
    });

    test.each([
      ['no start', { startDate: undefined }, 4_000_015],
      ['no end', { endDate: undefined }, 4_000_016],
      ['a start 30 days ago', { startDate: Date.now() - 30 * 24 * 60 * 60_000 }, 4_000_012],
      ['a start after its end', { endDate: Date.now() - 120_000 }, 4_000_013],
      ['two filters', { notificationType: 'TEST', transactionId: '1' }, 4_000_019],
      ['a field of its own', { limit: 100 }, 4_000_000],
    ])('and refuses %s', async (_, patch, errorCode) => {
      expect(await list({ ...span(), ...patch })).toMatchObject({ status: 400, errorCode });
    });
  });
});
