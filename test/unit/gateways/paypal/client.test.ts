import { PayPalApi } from '../../../../functions/src/gateways/paypal/api.ts';
import { Refusal } from '../../../../functions/src/gateways/paypal/client.ts';
import { readApiConfig } from '../../../../functions/src/gateways/paypal/config.ts';
import {
  Misconfigured,
  NotFound,
  Unavailable,
  Unusable,
} from '../../../../functions/src/errors.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { listen, type Reply } from '../../../standins/http.ts';
import { CLIENT_SECRET, order, useStandin } from './bench.ts';

const paypal = useStandin();

const open = () => new PayPalApi(readApiConfig());

const tokens = () =>
  paypal()
    .control.requests()
    .filter(({ path }) => path === '/v1/oauth2/token').length;

const capture = () => paypal().control.createForeignPayment({ customId: order.orderId }).id;

/** Runs against a server that answers everything but the token with this. */
async function against(reply: Reply, attempt: (api: PayPalApi) => Promise<unknown>): Promise<void> {
  const token = { access_token: 'a', token_type: 'Bearer', expires_in: 32_400 };
  const server = await listen((call) =>
    call.path === '/v1/oauth2/token' ? { status: 200, body: token } : reply,
  );
  setEnvironment({ PAYPAL_API_URL: server.origin });
  try {
    await attempt(open());
  } finally {
    await server.stop();
  }
}

describe('the token', () => {
  test('is asked for once', async () => {
    const api = open();
    const id = capture();
    await api.readCapture(id);
    await api.readCapture(id);
    expect(tokens()).toBe(1);
  });

  test.each([{ status: 503 }, { status: 500 }, { status: 429 }, { drop: true as const }])(
    'that failed with %j is asked for anew by the next call',
    async (fault) => {
      paypal().control.fault({ match: 'POST /v1/oauth2/token', ...fault });
      const api = open();
      const id = capture();
      await expect(api.readCapture(id)).rejects.toThrow(Unavailable);
      await expect(api.readCapture(id)).resolves.toMatchObject({ id });
    },
  );

  test('that was revoked is replaced within the call', async () => {
    const api = open();
    const id = capture();
    await api.readCapture(id);
    paypal().control.revokeTokens();
    await expect(api.readCapture(id)).resolves.toMatchObject({ id });
    expect(tokens()).toBe(2);
  });

  test('that is refused again says that the credentials are wrong', async () => {
    paypal().control.fault({ match: 'GET /v2', status: 401, times: 2 });
    const api = open();
    const id = capture();
    await expect(api.readCapture(id)).rejects.toThrow(Misconfigured);
    await expect(api.readCapture(id)).resolves.toMatchObject({ id });
  });

  test('is not given for a wrong secret, and the error does not say which it was', async () => {
    setEnvironment({ PAYPAL_CLIENT_SECRET: 'wrong-standin' });
    const api = open();
    const error: unknown = await api.readCapture(capture()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Misconfigured);
    expect(String(error)).not.toContain('wrong-standin');
    expect(String(error)).not.toContain(CLIENT_SECRET);
  });

  test('is shared by calls that start at once after it was there', async () => {
    const api = open();
    const id = capture();
    await api.readCapture(id);
    await Promise.all([api.readCapture(id), api.readCapture(id), api.readCapture(id)]);
    expect(tokens()).toBe(1);
  });
});

describe('an answer', () => {
  test.each([500, 502, 503, 429, 409, 408])('%d is worth another try', async (status) => {
    paypal().control.fault({ match: 'GET /v2', status });
    await expect(open().readCapture(capture())).rejects.toThrow(Unavailable);
  });

  test.each([{ drop: true as const }, { cutOff: true as const }])(
    'that ends in %j is worth another try',
    async (fault) => {
      paypal().control.fault({ match: 'GET /v2', ...fault });
      await expect(open().readCapture(capture())).rejects.toThrow(Unavailable);
    },
  );

  test('404 is another thing than a failure', async () => {
    await expect(open().readCapture('CAPTURE9')).rejects.toThrow(NotFound);
    await expect(open().readOrder('ORDER9')).rejects.toThrow(NotFound);
    await expect(open().readRefund('REFUND9')).rejects.toThrow(NotFound);
  });

  test('403 is a matter of the app', async () => {
    paypal().control.fault({ match: 'GET /v2', status: 403 });
    await expect(open().readCapture(capture())).rejects.toThrow(Misconfigured);
  });

  test('422 names its issue, with the id for PayPal’s support', async () => {
    const { id } = await open().createOrder(order);
    const error: unknown = await open()
      .captureOrder(id, 'request1')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({
      issue: 'ORDER_NOT_APPROVED',
      code: 'ORDER_NOT_APPROVED_f00dbabe00001',
    });
  });

  test('that is a page is worth another try', async () => {
    await against({ status: 200, body: '<html>' }, async (api) => {
      await expect(api.readCapture('CAPTURE1')).rejects.toThrow(Unavailable);
    });
  });

  test.each([
    { id: 7, status: 'COMPLETED' },
    { id: 'CAPTURE1' },
    { id: 'CAPTURE1', status: 'COMPLETED', amount: { currency_code: 'USD', value: 15 } },
    [],
    null,
  ])('%j is not what the API promises', async (body) => {
    await against({ status: 200, body }, async (api) => {
      await expect(api.readCapture('CAPTURE1')).rejects.toThrow(Unusable);
    });
  });

  test('that does not come is not waited for for ever', async () => {
    const id = capture();
    paypal().control.fault({ match: 'GET /v2', timeout: true });
    const impatient = new PayPalApi(readApiConfig(), 200);
    await expect(impatient.readCapture(id)).rejects.toThrow(Unavailable);
    await expect(impatient.readCapture(id)).resolves.toMatchObject({ id });
  });

  test('that does not come for a token is not waited for for ever', async () => {
    const id = capture();
    paypal().control.fault({ match: 'POST /v1/oauth2/token', timeout: true });
    const impatient = new PayPalApi(readApiConfig(), 200);
    await expect(impatient.readCapture(id)).rejects.toThrow(Unavailable);
    await expect(impatient.readCapture(id)).resolves.toMatchObject({ id });
  });
});

describe('an order', () => {
  test('is made once, however often it is asked for', async () => {
    const api = open();
    const first = await api.createOrder(order);
    expect(await api.createOrder(order)).toEqual(first);
    expect(first).toMatchObject({
      status: 'CREATED',
      links: [{ rel: 'self' }, { rel: 'approve' }, { rel: 'capture' }],
    });
    expect(paypal().control.object(first.id)).toMatchObject({
      intent: 'CAPTURE',
      purchase_units: [
        { amount: { currency_code: 'USD', value: '15.00' }, custom_id: order.orderId },
      ],
    });
    const [sent] = paypal()
      .control.requests()
      .filter(({ path }) => path === '/v2/checkout/orders');
    expect(sent?.requestId).toBe(order.orderId);
  });

  test('that PayPal refuses to make is a matter of the account', async () => {
    paypal().control.fault({
      match: 'POST /v2/checkout/orders',
      status: 422,
      code: 'PAYEE_ACCOUNT_RESTRICTED',
    });
    await expect(open().createOrder(order)).rejects.toThrow(Misconfigured);
  });
});
