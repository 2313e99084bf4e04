import { gzipSync } from 'node:zlib';
import { documentsWith } from '../../harness/documents-with.ts';
import { keys } from '../../harness/world.ts';
import { Bench, envelope, expectDiscreetLog } from './bench.ts';

const bench = new Bench();

const now = () => Math.floor(Date.now() / 1000);

describe('what is not proven is refused', () => {
  const signedNow = () => bench.stripe.signed(envelope());
  const header = (change: (genuine: string) => string) => change(signedNow().header);
  const cases: [string, () => Record<string, string>][] = [
    ['an empty signature', () => ({ 'stripe-signature': '' })],
    ['only v0', () => ({ 'stripe-signature': header((h) => h.replace('v1=', 'v0=')) })],
    ['an empty v1', () => ({ 'stripe-signature': header((h) => h.replace(/v1=.*/, 'v1=')) })],
    ['v1 without a value', () => ({ 'stripe-signature': header((h) => h.replace(/v1=.*/, 'v1')) })],
    [
      'a space after the comma',
      () => ({ 'stripe-signature': header((h) => h.replace(',', ', ')) }),
    ],
    [
      't twice',
      () => ({ 'stripe-signature': header((h) => `t=1,${h}`.replace(/t=\d+,v1/, 't=2,v1')) }),
    ],
    [
      't that is no number',
      () => ({ 'stripe-signature': header((h) => h.replace(/t=\d+/, 't=now')) }),
    ],
    ['no t', () => ({ 'stripe-signature': header((h) => h.replace(/t=\d+,/, '')) })],
    [
      'upper-case hex',
      () => ({ 'stripe-signature': header((h) => h.replace(/v1=.*/, (v) => v.toUpperCase())) }),
    ],
    ['garbage', () => ({ 'stripe-signature': 'garbage' })],
    [
      'another secret',
      () => ({
        'stripe-signature': bench.stripe.signed(envelope(), { secret: 'whsec_other' }).header,
      }),
    ],
    [
      'a secret with a newline',
      () => ({
        'stripe-signature': bench.stripe.signed(envelope(), { secret: `${keys.webhook}\n` }).header,
      }),
    ],
    [
      '301 s old',
      () => ({
        'stripe-signature': bench.stripe.signed(envelope(), { timestampSeconds: now() - 301 })
          .header,
      }),
    ],
    [
      'an hour ahead',
      () => ({
        'stripe-signature': bench.stripe.signed(envelope(), { timestampSeconds: now() + 3600 })
          .header,
      }),
    ],
    [
      'in milliseconds',
      () => ({
        'stripe-signature': bench.stripe.signed(envelope(), { timestampSeconds: Date.now() })
          .header,
      }),
    ],
  ];

  test.each(cases)('%s: 401', async (_name, headers) => {
    const { status, text } = await bench.post(envelope(), { headers: headers() });
    expect([status, JSON.parse(text)]).toMatchObject([401, { errorName: 'UnauthorizedException' }]);
    expect(text).not.toMatch(/\bat .*\.js/);
  });

  test('no signature at all: 401', async () => {
    const response = await fetch(bench.world.webhookUrl, {
      method: 'POST',
      body: JSON.stringify(envelope()),
    });
    expect(response.status).toBe(401);
  });

  const genuine = () => bench.stripe.signed(envelope());
  const bodies: [string, () => { header: string; body: string | Uint8Array }][] = [
    ['one changed byte', () => ({ ...genuine(), body: genuine().body.replace('cus_1', 'cus_2') })],
    [
      'a body written anew',
      () => ({ ...genuine(), body: JSON.stringify(JSON.parse(genuine().body), null, 1) }),
    ],
    ['no body', () => ({ ...genuine(), body: '' })],
    [
      'a byte order mark',
      () => ({
        ...bench.stripe.signed(`\ufeff${genuine().body}`),
        body: `\ufeff${genuine().body}`,
      }),
    ],
    [
      'bytes that are not UTF-8',
      () => ({ ...genuine(), body: Uint8Array.from([0xff, 0xfe, 0x7b]) }),
    ],
  ];

  test.each(bodies)('%s: 401', async (_name, request) => {
    const { header: signature, body } = request();
    const { status } = await bench.post(undefined, {
      headers: { 'stripe-signature': signature },
      body: typeof body === 'string' ? body : Buffer.from(body),
    });
    expect(status).toBe(401);
  });

  test('299 s old and two signatures of which one is right: taken', async () => {
    const old = bench.stripe.signed(envelope(), { timestampSeconds: now() - 299 });
    expect(
      (await bench.post(undefined, { headers: { 'stripe-signature': old.header }, body: old.body }))
        .status,
    ).toBe(200);
    const both = genuine().header.replace('v1=', `v1=${'0'.repeat(64)},v1=`);
    expect((await bench.post(envelope(), { headers: { 'stripe-signature': both } })).status).toBe(
      200,
    );
  });
});

describe('what is proven and cannot be read is parked', () => {
  const cases: [string, unknown][] = [
    ['null', 'null'],
    ['an array', [envelope()]],
    ['a string', '"event"'],
    ['not JSON', '{"id":'],
    ['no type', { ...envelope(), type: undefined }],
    ['no data', { ...envelope(), data: undefined }],
    ['another object', envelope({ object: 'charge' })],
    ['livemode that is no boolean', envelope({ livemode: 'false' })],
    [
      'a thin event',
      { id: 'evt_thin', object: 'v2.core.event', type: 'v1.charge.refunded', livemode: false },
    ],
  ];

  const unreadable = async () => {
    const parked = bench.world.firestore.collection('tn_parked_events');
    const found = await documentsWith(parked, 'event.type', 'unreadable');
    return found.map((one): Record<string, unknown> => ({ ...one.data(), id: one.id }));
  };

  test.each(cases)('%s', async (_name, payload) => {
    const before = await unreadable();
    expect(await bench.post(payload)).toMatchObject({ status: 200, text: '' });
    const [parked, ...others] = (await unreadable()).filter(
      ({ id }) => !before.some((known) => known.id === id),
    );
    expect(others).toEqual([]);
    expect(parked).toMatchObject({ reason: 'unusable', row: null });
    expect(JSON.stringify(parked)).not.toContain('evt_');
  });

  test('a deep and a strange JSON do no harm', async () => {
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect((await bench.post(deep(30_000))).status).toBe(200);
    expect((await bench.post(deep(100_000))).status).toBe(413);
    const polluting = JSON.stringify(envelope()).replace('{', '{"__proto__":{"polluted":true},');
    expect((await bench.post(polluting)).status).toBe(200);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('what does not get as far as us', () => {
  test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s: 405', async (method) => {
    const { status, headers } = await bench.post(envelope(), { method });
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('a compressed body: 415, for its size is not known', async () => {
    const { body } = bench.stripe.signed(envelope());
    const { status } = await bench.post(envelope(), {
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(body),
    });
    expect(status).toBe(415);
  });

  test.each([
    '',
    'text/plain',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
  ])('whatever the content type says (%s), the bytes are what counts', async (contentType) => {
    expect(
      (await bench.post(envelope(), { headers: { 'content-type': contentType } })).status,
    ).toBe(200);
  });
});

test('no line of the log held a secret, a signature or a body, and each is one JSON object', () => {
  expectDiscreetLog(30);
});
