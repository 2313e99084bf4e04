import { sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Unusable, Misconfigured, Unauthentic } from '../../../../functions/src/errors.ts';
import type { Gateway, WebhookRequest } from '../../../../functions/src/gateway.ts';
import type { PayPalEvent } from '../../../../functions/src/gateways/paypal/events.ts';
import { fixture } from '../../../contract/gateway-contract.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { createSignatory, signedHeaders } from '../../../standins/paypal/signing.ts';
import { open, signatory, useStandin, WEBHOOK_ID } from './bench.ts';

const paypal = useStandin();

const body = fixture('paypal', 'PAYMENT.CAPTURE.COMPLETED');

function signed(bytes: Buffer | string = body, webhookId = WEBHOOK_ID): WebhookRequest {
  const headers = signedHeaders(bytes, webhookId, signatory);
  return { method: 'POST', headers, body: Buffer.from(bytes) };
}

function withHeader(name: string, value: string | string[] | undefined): WebhookRequest {
  const request = signed();
  return { ...request, headers: { ...request.headers, [name]: value } };
}

function signedOver(text: string, certificate = signatory): WebhookRequest {
  const { headers } = signed();
  const [id, time] = text.split('|');
  const signature = sign('RSA-SHA256', Buffer.from(text), certificate.leaf.privateKey);
  return {
    method: 'POST',
    headers: {
      ...headers,
      'paypal-transmission-id': id,
      'paypal-transmission-time': time,
      'paypal-transmission-sig': signature.toString('base64'),
    },
    body,
  };
}

const required = [
  'paypal-transmission-id',
  'paypal-transmission-time',
  'paypal-transmission-sig',
  'paypal-cert-url',
  'paypal-auth-algo',
];

/** What both ways of checking must say alike. */
const ways = ['offline', 'postback'] as const;

describe.each(ways)('%s', (way) => {
  let gateway: Gateway<PayPalEvent>;
  beforeEach(async () => {
    setEnvironment({ PAYPAL_VERIFICATION: way });
    gateway = await open();
  });

  const refused = async (request: WebhookRequest) => {
    await expect(gateway.verify(request)).rejects.toThrow(Unauthentic);
  };

  test('a genuine transmission is accepted', async () => {
    const event = await gateway.verify(signed());
    expect(event).toEqual({
      id: 'WH-TEST00000000001-AAAA',
      type: 'PAYMENT.CAPTURE.COMPLETED',
      subject: 'capture',
      objectId: 'CAPTURE0000000001',
      claim: { customId: '0123456789abcdef0123456789abcdef', payeeId: undefined },
    });
  });

  test.each(required)('%s missing, empty, repeated, oversized or of another form', async (name) => {
    const value = String(signed().headers[name]);
    await refused(withHeader(name, undefined));
    await refused(withHeader(name, ''));
    await refused(withHeader(name, [value, value]));
    await refused(withHeader(name, `${value}, ${value}`));
    await refused(withHeader(name, value.padEnd(600, value)));
    await refused(withHeader(name, `${value}"`));
    await refused(withHeader(name, `${value}\n`));
  });

  test.each(['SHA1withRSA', 'sha256withrsa', 'none', 'SHA256withRSA '])(
    'the algorithm %j is refused',
    (algorithm) => refused(withHeader('paypal-auth-algo', algorithm)),
  );

  test('the signature of another key is refused', async () => {
    await refused(
      signedOver(`a|2026-11-01T10:00:00Z|${WEBHOOK_ID}|${crc32(body)}`, createSignatory()),
    );
  });

  test('a transmission for another webhook id is refused, the simulator above all', async () => {
    await refused(signed(body, 'WEBHOOK2STANDIN'));
    await refused(signed(body, 'WEBHOOK_ID'));
    await refused(signed(body, ''));
  });

  test('a body that was parsed and written again is refused', async () => {
    const spaced = '{"id":"WH-1","event_type":"X.Y","resource":{"a":1.0}}';
    await expect(gateway.verify(signed(spaced))).resolves.toMatchObject({ id: 'WH-1' });
    const rewritten = JSON.stringify(JSON.parse(spaced));
    await refused({ ...signed(spaced), body: Buffer.from(rewritten) });
  });

  test('a transmission id and time that meet elsewhere are refused', async () => {
    const request = signed();
    const id = String(request.headers['paypal-transmission-id']);
    const time = String(request.headers['paypal-transmission-time']);
    await refused({
      ...request,
      headers: {
        ...request.headers,
        'paypal-transmission-id': `${id}|${time.slice(0, 4)}`,
        'paypal-transmission-time': time.slice(5),
      },
    });
  });

  test('no body, or none that is an event', async () => {
    await refused({ ...signed(), body: Buffer.alloc(0) });
    await expect(gateway.verify(signed('{}'))).rejects.toThrow(Unusable);
    for (const bytes of ['', 'x', '[]', 'null', '"a"', '{"id":"WH-1"', '{},"webhook_id":"X"']) {
      // What is not one whole object is not even asked about.
      await expect(gateway.verify(signed(bytes))).rejects.toThrow(
        way === 'postback' ? Unauthentic : Unusable,
      );
    }
  });

  test.each([
    { event_type: undefined },
    { event_type: 7 },
    { event_type: 'payment.capture.completed\n' },
    { resource: undefined },
    { resource: null },
    { resource: 'CAPTURE0000000001' },
    { id: undefined },
    { id: '../../etc' },
    { id: 'W'.repeat(129) },
    { resource_version: 2 },
  ])('a signed envelope with %j is unusable', async (patch) => {
    const event: unknown = { ...(JSON.parse(body.toString()) as object), ...patch };
    await expect(gateway.verify(signed(JSON.stringify(event)))).rejects.toThrow(Unusable);
  });

  test('bytes that are no UTF-8 move nothing', async () => {
    const bytes = Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    await expect(gateway.verify(signed(bytes))).rejects.toThrow(
      way === 'postback' ? Unauthentic : Unusable,
    );
  });
});

describe('the text that is signed', () => {
  const id = 'a1b2c3d4';
  const time = '2026-11-01T10:00:00Z';
  const crc = crc32(body);

  test('holds the CRC-32 as an unsigned decimal', async () => {
    const gateway = await open();
    const accepted = signedOver(`${id}|${time}|${WEBHOOK_ID}|${crc}`);
    await expect(gateway.verify(accepted)).resolves.toBeDefined();
  });

  test.each([
    ['in hexadecimal', `${id}|${time}|${WEBHOOK_ID}|${crc.toString(16)}`],
    ['as a signed number', `${id}|${time}|${WEBHOOK_ID}|${crc - 2 ** 32}`],
    ['over the body itself', `${id}|${time}|${WEBHOOK_ID}|${body.toString()}`],
    ['without the webhook', `${id}|${time}|${crc}`],
    ['in another order', `${id}|${WEBHOOK_ID}|${time}|${crc}`],
  ])('%s it is another text', async (_what, text) => {
    const gateway = await open();
    const request = signedOver(text);
    const headers = {
      ...request.headers,
      'paypal-transmission-id': id,
      'paypal-transmission-time': time,
    };
    await expect(gateway.verify({ ...request, headers })).rejects.toThrow(Unauthentic);
  });
});

describe('configuration', () => {
  test.each(['', 'WEBHOOK_ID', 'a b', 'x'.repeat(51)])(
    'the webhook id %j is refused',
    async (id) => {
      setEnvironment({ PAYPAL_WEBHOOK_ID: id });
      await expect(open()).rejects.toThrow(Misconfigured);
    },
  );

  test.each([
    { PAYPAL_VERIFICATION: 'none' },
    { PAYPAL_CLIENT_ID: '' },
    { PAYPAL_CLIENT_SECRET: '' },
    { PAYPAL_TRUST_ANCHOR: 'bm90IGEgY2VydGlmaWNhdGU=' },
    { PAYPAL_API_URL: 'https://api-m.paypal.com' },
  ])('%j is refused', async (variables) => {
    setEnvironment(variables);
    await expect(open()).rejects.toThrow(Misconfigured);
  });

  test('live mode trusts no authority of ours and talks to no other address', async () => {
    setEnvironment({ PAYMENTS_MODE: 'live' });
    await expect(open()).rejects.toThrow(/PAYPAL_API_URL/);
    setEnvironment({ PAYPAL_API_URL: undefined });
    await expect(open()).rejects.toThrow(/PAYPAL_TRUST_ANCHOR/);
    setEnvironment({ PAYPAL_TRUST_ANCHOR: undefined });
    await expect(open()).resolves.toBeDefined();
  });
});

test('the postback is answered by PayPal alone: anything but its yes is a no', async () => {
  setEnvironment({ PAYPAL_VERIFICATION: 'postback' });
  const gateway = await open();
  paypal().control.fault({ match: 'POST /v1/notifications', status: 503 });
  await expect(gateway.verify(signed())).rejects.toThrow('PayPal did not answer.');
  await expect(gateway.verify(signed())).resolves.toBeDefined();
});
