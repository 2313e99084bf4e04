import { encoded, newKey, signedJwt } from '../../standins/googleplay/keys.ts';
import { startGooglePlay, type GooglePlayStandin } from '../../standins/googleplay/server.ts';
import { listen, type Listener } from '../../standins/http.ts';

/** The stand-in for Google behaves where the tests of the gateway rely on it. */

const account = { email: 'play@standin.iam.gserviceaccount.com', privateKey: newKey().privateKey };
const accountKey = { id: 'standin', publicKey: '', privateKey: account.privateKey };

let google: GooglePlayStandin;

beforeEach(async () => {
  google = await startGooglePlay({
    packageName: 'com.example.numbers',
    account,
    audience: 'audience-standin',
    sender: 'push@standin.iam.gserviceaccount.com',
  });
});

afterEach(() => google.stop());

const claims = {
  iss: account.email,
  aud: 'https://oauth2.googleapis.com/token',
  scope: 'https://www.googleapis.com/auth/androidpublisher',
};

async function accessToken(assertion = signedJwt(claims, accountKey)) {
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion,
  });
  const response = await fetch(`${google.origin}/token`, { method: 'POST', body });
  return { status: response.status, ...((await response.json()) as { access_token?: string }) };
}

async function ask(path: string, token: string, method = 'GET'): Promise<number> {
  const url = `${google.origin}/androidpublisher/v3/applications/${path}`;
  const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } });
  return response.status;
}

describe('the API', () => {
  test.each([
    ['of another key', signedJwt(claims, newKey())],
    ['of another account', signedJwt({ ...claims, iss: 'other@example.com' }, accountKey)],
    ['without the scope', signedJwt({ ...claims, scope: 'other' }, accountKey)],
    ['that is unsigned', `${encoded({ alg: 'none' })}.${encoded(claims)}.`],
  ])('gives no access for an assertion %s', async (_, assertion) => {
    expect((await accessToken(assertion)).status).toBe(400);
  });

  test('answers whom it has given access, about one app', async () => {
    const { access_token: access = '' } = await accessToken();
    const { token, orderId } = google.control.buy({ productId: 'p1' });
    const purchase = `purchases/productsv2/tokens/${token}`;
    expect(await ask(`com.example.numbers/${purchase}`, access)).toBe(200);
    expect(await ask(`com.example.numbers/orders/${orderId ?? ''}`, access)).toBe(200);
    expect(await ask(`com.example.numbers/${purchase}`, 'guessed')).toBe(401);
    expect(await ask(`com.example.other/${purchase}`, access)).toBe(400);
    expect(await ask('com.example.numbers/purchases/productsv2/tokens/other', access)).toBe(404);
  });

  test('consumes once what is bought, under its own product', async () => {
    const { access_token: access = '' } = await accessToken();
    const consume = (product: string, token: string) =>
      ask(
        `com.example.numbers/purchases/products/${product}/tokens/${token}:consume`,
        access,
        'POST',
      );
    const { token } = google.control.buy({ productId: 'p1' });
    const pending = google.control.buy({ productId: 'p1', pending: true });
    expect(await consume('p2', token)).toBe(400);
    expect([await consume('p1', token), await consume('p1', token)]).toEqual([204, 400]);
    expect(await consume('p1', pending.token)).toBe(400);
  });

  test('lists refunds of a span, page by page', async () => {
    const { access_token: access = '' } = await accessToken();
    const DAY_MS = 24 * 60 * 60_000;
    for (const { token } of [1, 2, 3].map(() => google.control.buy({ productId: 'p1' })))
      google.control.void(token);
    google.control.setPageSize(2);
    const path = 'com.example.numbers/purchases/voidedpurchases';
    const url = `${google.origin}/androidpublisher/v3/applications/${path}`;
    const list = async (query: Record<string, string>) => {
      const headers = { authorization: `Bearer ${access}` };
      const response = await fetch(`${url}?${String(new URLSearchParams(query))}`, { headers });
      const { voidedPurchases = [], tokenPagination } = (await response.json()) as {
        voidedPurchases?: object[];
        tokenPagination?: { nextPageToken: string };
      };
      const token = tokenPagination?.nextPageToken ?? '';
      return { status: response.status, count: voidedPurchases.length, token };
    };
    const startTime = String(Date.now() - DAY_MS);
    const first = await list({ startTime });
    expect(first).toMatchObject({ status: 200, count: 2 });
    // The token brings its span along.
    const late = String(Date.now() - 1);
    expect(await list({ startTime: late, token: first.token })).toMatchObject({
      count: 1,
      token: '',
    });
    expect(await list({ startTime, endTime: String(Date.now() - DAY_MS / 2) })).toMatchObject({
      count: 0,
    });
    for (const refused of [
      { startTime: String(Date.now() - 31 * DAY_MS) },
      { endTime: String(Date.now() + DAY_MS) },
      { token: 'forgotten' },
      { since: startTime },
    ]) {
      expect((await list(refused)).status).toBe(400);
    }
  });

  test('voids no more than there is', () => {
    const { token } = google.control.buy({ productId: 'p1', quantity: 3 });
    expect(google.control.void(token, 2)).toMatchObject({
      state: 'PURCHASED',
      refundableQuantity: 1,
    });
    expect(() => google.control.void(token, 2)).toThrow();
    expect(google.control.void(token)).toMatchObject({
      state: 'CANCELLED',
      orderState: 'REFUNDED',
    });
  });
});

describe('Pub/Sub', () => {
  let endpoint: Listener;
  let statuses: number[];
  let received: { body: string; authorization: string | undefined }[];

  beforeEach(async () => {
    statuses = [];
    received = [];
    endpoint = await listen(({ body, headers }) => {
      received.push({ body, authorization: headers.authorization });
      return { status: statuses.shift() ?? 200 };
    });
    const url = `${endpoint.origin}/push`;
    google.control.configureSubscription({ url, minBackoffMs: 1, maxBackoffMs: 4, maxAttempts: 5 });
  });

  afterEach(() => endpoint.stop());

  test.each([200, 201, 202, 204])('takes %i for an acknowledgement', async (status) => {
    statuses = [status];
    google.control.notify({ testNotification: {} });
    await google.control.idle();
    expect(received).toHaveLength(1);
  });

  test('takes nothing else for one, and pushes with a token each time', async () => {
    statuses = [203, 302, 401, 503];
    google.control.notify({ testNotification: {} });
    await google.control.idle();
    const pushes = google.control.pushes().map(({ attempt, status }) => [attempt, status]);
    expect(pushes).toEqual([
      [1, 203],
      [2, 302],
      [3, 401],
      [4, 503],
      [5, 200],
    ]);
    for (const { authorization } of received)
      expect(authorization).toMatch(/^Bearer \S+\.\S+\.\S+$/);
  });

  test('gives up after as many tries as it may make', async () => {
    statuses = [500, 500, 500, 500, 500];
    const { messageId } = google.control.notify({ testNotification: {} });
    await google.control.idle();
    expect(google.control.deadLetters().map((letter) => letter.messageId)).toEqual([messageId]);
  });

  test('pushes what was held in any order, and as often as told', async () => {
    google.control.hold(true);
    const ids = ['a', 'b'].map((data) => google.control.publish(data).messageId);
    const pushes = await google.control.release({ order: 'reverse', copies: 2 });
    const [first, second] = ids;
    expect(pushes.map(({ messageId }) => messageId)).toEqual([second, second, first, first]);
  });
});
