import { Unauthentic, Unavailable } from '../../../../functions/src/errors.ts';
import { UnknownAuthority } from '../../../../functions/src/gateways/paypal/chain.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import {
  CERTIFICATE_NAME,
  createSignatory,
  signedHeaders,
} from '../../../standins/paypal/signing.ts';
import type { Signatory } from '../../../standins/paypal/signing.ts';
import { issue } from '../../../standins/x509/authority.ts';
import { open, signatory, useStandin, WEBHOOK_ID } from './bench.ts';
import { body, keyOf, serving, Web, word } from './web.ts';

useStandin();

const HOUR_MS = 60 * 60_000;

// The download is injected here; the addresses are the ones that production asks.
beforeEach(() => {
  setEnvironment({ PAYPAL_API_URL: undefined });
});

/** Certificates under the trusted authority that are each wrong in a way of their own. */
function issued(fields: Parameters<typeof createSignatory>[0]): Signatory {
  const leaf = issue({ commonName: CERTIFICATE_NAME, key: 'rsa', ...fields }, signatory.issuer);
  const pem = leaf.certificate.toString() + signatory.issuer.certificate.toString();
  return { ...signatory, leaf, pem };
}

test('a chain of our own making is accepted', async () => {
  await expect((await word(serving(signatory.pem)))()).resolves.toBeDefined();
});

test('a name beside the common name will do', async () => {
  const by = issued({ commonName: 'PayPal', dnsNames: [CERTIFICATE_NAME] });
  await expect((await word(serving(by.pem), by))()).resolves.toBeDefined();
});

test('another chain proves nothing, though every signature in it is right', async () => {
  const other = createSignatory();
  await expect(keyOf(serving(other.pem, other), other)).rejects.toThrow(UnknownAuthority);
});

describe('a certificate is refused', () => {
  const day = 24 * HOUR_MS;
  test.each<[string, Parameters<typeof createSignatory>[0]]>([
    ['that has expired', { notAfter: new Date(Date.now() - HOUR_MS) }],
    ['that is not valid yet', { notBefore: new Date(Date.now() + day) }],
    ['of the live name, in the sandbox', { commonName: 'messageverificationcerts.paypal.com' }],
    ['of another name', { commonName: `x${CERTIFICATE_NAME}` }],
    ['for all names', { commonName: '*.sandbox.paypal.com' }],
    ['whose other names leave ours out', { dnsNames: ['www.paypal.com'] }],
    ['with a key that is not RSA', { key: 'ec' }],
  ])('%s', async (_what, fields) => {
    const by = issued(fields);
    await expect((await word(serving(by.pem), by))()).rejects.toThrow(Unauthentic);
  });

  test('issued by one that may not', async () => {
    const plain = issue({ commonName: 'No CA', key: 'ec' }, signatory.issuer);
    const leaf = issue({ commonName: CERTIFICATE_NAME, key: 'rsa' }, plain);
    const certificates = [leaf, plain, signatory.issuer].map(({ certificate }) => certificate);
    const pem = certificates.map(String).join('');
    await expect(keyOf(serving(pem))).rejects.toThrow(UnknownAuthority);
  });

  test('under an authority that has expired', async () => {
    const issuer = issue(
      { commonName: 'Old CA', key: 'ec', isAuthority: true, notAfter: new Date(Date.now() - 1) },
      signatory.issuer,
    );
    const leaf = issue({ commonName: CERTIFICATE_NAME, key: 'rsa' }, issuer);
    const certificates = [leaf, issuer, signatory.issuer].map(({ certificate }) => certificate);
    const pem = certificates.map(String).join('');
    await expect((await word(serving(pem), { ...signatory, leaf }))()).rejects.toThrow(/expired/);
  });

  test('at the end of too long a chain', async () => {
    let issuer = signatory.issuer;
    const pems = [issuer.certificate.toString()];
    for (let length = 0; length < 4; length += 1) {
      issuer = issue({ commonName: `CA ${length}`, key: 'ec', isAuthority: true }, issuer);
      pems.push(issuer.certificate.toString());
    }
    const leaf = issue({ commonName: CERTIFICATE_NAME, key: 'rsa' }, issuer);
    const pem = [leaf.certificate.toString(), ...pems].join('');
    await expect(keyOf(serving(pem))).rejects.toThrow(UnknownAuthority);
  });

  test('that comes second after another', async () => {
    const other = createSignatory();
    await expect(keyOf(serving(other.pem + signatory.pem))).rejects.toThrow(UnknownAuthority);
  });
});

describe('an address is refused, and nobody asks it', () => {
  const path = new URL(signatory.certificateUrl).pathname;
  test.each([
    `http://api.sandbox.paypal.com${path}`,
    `https://api.paypal.com${path}`,
    `https://api-m.paypal.com${path}`,
    `https://www.paypal.com${path}`,
    `https://api.sandbox.paypal.com.evil.test${path}`,
    `https://evil.test/api.sandbox.paypal.com${path}`,
    `https://evil@api.sandbox.paypal.com${path}`,
    `https://api.sandbox.paypal.com@evil.test${path}`,
    `https://api.sandbox.paypal.com:443${path}`,
    `https://api.sandbox.paypal.com:8443${path}`,
    `https://API.SANDBOX.PAYPAL.COM${path}`,
    `https://api.sandbox.paypal.com.${path}`,
    `https://аpi.sandbox.paypal.com${path}`,
    `https://xn--pi-7kc.sandbox.paypal.com${path}`,
    `https://127.0.0.1${path}`,
    `https://[::1]${path}`,
    `https://2130706433${path}`,
    `https://api.sandbox.paypal.com${path}?x=1`,
    `https://api.sandbox.paypal.com${path}#x`,
    `https://api.sandbox.paypal.com${path}/..`,
    `https://api.sandbox.paypal.com/v1/notifications/certs/../../x`,
    `https://api.sandbox.paypal.com/v1/notifications/certs/%2e%2e`,
    `https://api.sandbox.paypal.com/v1/notifications/certs/`,
    `https://api.sandbox.paypal.com//evil.test${path}`,
    `https:\\\\api.sandbox.paypal.com${path}`,
    ` https://api.sandbox.paypal.com${path}`,
    `file:///etc/passwd`,
    `data:,${path}`,
    path,
    'x',
  ])('%s', async (certificateUrl) => {
    const web = new Web({});
    const attempt = await word(web, { ...signatory, certificateUrl });
    await expect(attempt()).rejects.toThrow(Unauthentic);
    expect(web.asked).toEqual([]);
  });
});

describe('a download', () => {
  const answering = (answer: () => Response | Promise<Response>) =>
    new Web({ [signatory.certificateUrl]: answer });

  test.each<[string, () => Response]>([
    ['that is not there', () => new Response('no', { status: 404 })],
    ['that is elsewhere', () => Response.redirect('https://evil.test/', 302)],
    ['that is a page', () => new Response('<html>login</html>')],
    ['that is empty', () => new Response('')],
    ['that is no certificate inside', () => new Response(fake)],
    ['that is huge', () => new Response(signatory.pem.padEnd(20_000, '\n'))],
  ])('%s proves nothing', async (_what, answer) => {
    await expect((await word(answering(answer)))()).rejects.toThrow(Unauthentic);
  });

  const fake = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

  test.each([500, 503, 429, 408])('answered with %d is worth another try', async (status) => {
    await expect((await word(answering(() => new Response('', { status }))))()).rejects.toThrow(
      Unavailable,
    );
  });

  test('that breaks or hangs is worth another try', async () => {
    const broken = answering(() => Promise.reject(new TypeError('fetch failed')));
    await expect((await word(broken))()).rejects.toThrow(Unavailable);
    const cut = answering(() => {
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.error(new DOMException('slow', 'TimeoutError'));
        },
      });
      return new Response(stream);
    });
    await expect((await word(cut))()).rejects.toThrow(Unavailable);
  });

  test('is made once for many messages, and again after a day', async () => {
    const web = serving(signatory.pem);
    let now = Date.now();
    const attempt = await word(web, signatory, () => new Date(now));
    await Promise.all([attempt(), attempt(), attempt()]);
    now += 24 * HOUR_MS - 1000;
    await attempt();
    expect(web.asked).toHaveLength(1);
    now += 1000;
    await attempt();
    expect(web.asked).toHaveLength(2);
  });

  test('is not kept beyond the life of the certificate', async () => {
    const by = issued({ notAfter: new Date(Date.now() + 2 * HOUR_MS) });
    const web = serving(by.pem);
    let now = Date.now();
    const attempt = await word(web, by, () => new Date(now));
    await attempt();
    now += 3 * HOUR_MS;
    await expect(attempt()).rejects.toThrow(/expired/);
    expect(web.asked).toHaveLength(2);
  });

  test('that failed is not kept', async () => {
    const answers = [new Response('', { status: 503 }), new Response(signatory.pem)];
    const web = answering(() => answers.shift() ?? Response.error());
    const attempt = await word(web);
    await expect(attempt()).rejects.toThrow(Unavailable);
    await expect(attempt()).resolves.toBeDefined();
    await attempt();
    expect(web.asked).toHaveLength(2);
  });

  /** The genuine certificate, and others that PayPal does not know. */
  async function amongMadeUp(length: number, nowMs = Date.now) {
    const urls = Array.from({ length }, (_, index) => `${signatory.certificateUrl}${index}`);
    const web = new Web({
      [signatory.certificateUrl]: () => new Response(signatory.pem),
      ...Object.fromEntries(urls.map((url) => [url, () => new Response('', { status: 404 })])),
    });
    const gateway = await open({ send: web.send, now: () => new Date(nowMs()) });
    const sent = (certificateUrl: string) => {
      const headers = signedHeaders(body, WEBHOOK_ID, { ...signatory, certificateUrl });
      return gateway.verify({ method: 'POST', headers, body });
    };
    return { web, urls, sent };
  }

  test('of certificates that somebody made up pushes out no other', async () => {
    const { web, urls, sent } = await amongMadeUp(20);
    await sent(signatory.certificateUrl);
    const made = await Promise.allSettled(urls.map(sent));
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await sent(signatory.certificateUrl);
    expect(web.asked.filter((url) => url === signatory.certificateUrl)).toHaveLength(1);
  });

  test('is sought twenty times in ten minutes where each is refused, and then not at all', async () => {
    let now = Date.now();
    const { web, urls, sent } = await amongMadeUp(30, () => now);
    for (const url of urls.slice(0, 20)) await expect(sent(url)).rejects.toThrow(Unauthentic);
    for (const url of urls.slice(20)) await expect(sent(url)).rejects.toThrow(Unavailable);
    // One that was refused stays so without another download.
    await expect(sent(urls[0] ?? '')).rejects.toThrow(Unauthentic);
    expect(web.asked).toHaveLength(20);
    now += 10 * 60_000;
    await expect(sent(signatory.certificateUrl)).resolves.toBeDefined();
  });

  test('is sought twenty times for many made-up certificates at once, and once more for a kept one', async () => {
    let now = Date.now();
    const { web, urls, sent } = await amongMadeUp(30, () => now);
    await sent(signatory.certificateUrl);
    now += 24 * HOUR_MS;
    await Promise.allSettled(urls.map(sent));
    expect(web.asked).toHaveLength(21);
    await expect(sent(signatory.certificateUrl)).resolves.toBeDefined();
    expect(web.asked).toHaveLength(22);
  });

  test('is kept for a few certificates only', async () => {
    const urls = Array.from({ length: 9 }, (_, index) => `${signatory.certificateUrl}${index}`);
    const web = new Web(
      Object.fromEntries(urls.map((url) => [url, () => new Response(signatory.pem)])),
    );
    const gateway = await open({ send: web.send });
    for (const certificateUrl of [...urls, ...urls.slice(0, 1)]) {
      const headers = signedHeaders(body, WEBHOOK_ID, { ...signatory, certificateUrl });
      await gateway.verify({ method: 'POST', headers, body });
    }
    expect(web.asked).toHaveLength(10);
  });
});

describe('a certificate that comes alone', () => {
  const url = 'http://cacerts.digicert.com/Standin.crt';
  const alone = (issuerUrl: string) => {
    const by = issued({ issuerUrl });
    return { by, pem: by.leaf.certificate.toString() };
  };
  const der = () => new Response(new Uint8Array(signatory.issuer.certificate.raw));

  test('leads to its issuer by the address it names', async () => {
    const { by, pem } = alone(url);
    const web = new Web({ [by.certificateUrl]: () => new Response(pem), [url]: der });
    await expect((await word(web, by))()).resolves.toBeDefined();
    expect(web.asked).toEqual([by.certificateUrl, url]);
  });

  test('is refused when another stands there', async () => {
    const { by, pem } = alone(url);
    const other = new Uint8Array(createSignatory().issuer.certificate.raw);
    const web = new Web({
      [by.certificateUrl]: () => new Response(pem),
      [url]: () => new Response(other),
    });
    await expect(keyOf(web, by)).rejects.toThrow(UnknownAuthority);
  });

  test('is worth another try when nobody answers there', async () => {
    const { by, pem } = alone(url);
    const web = new Web({
      [by.certificateUrl]: () => new Response(pem),
      [url]: () => new Response('', { status: 503 }),
    });
    await expect((await word(web, by))()).rejects.toThrow(Unavailable);
  });

  test.each([
    'http://cacerts.digicert.com.evil.test/x.crt',
    'http://evil.test/x.crt',
    'http://169.254.169.254/latest',
    'http://cacerts.digicert.com@evil.test/x.crt',
    'http://cacerts.digicert.com:8080/x.crt',
    'file:///etc/passwd',
  ])('is not followed to %s', async (issuerUrl) => {
    const { by, pem } = alone(issuerUrl);
    const web = serving(pem);
    await expect(keyOf(web, by)).rejects.toThrow(UnknownAuthority);
    expect(web.asked).toEqual([by.certificateUrl]);
  });
});

describe('in live mode', () => {
  beforeEach(() => {
    setEnvironment({ PAYMENTS_MODE: 'live', PAYPAL_TRUST_ANCHOR: undefined });
  });

  test('a certificate of the sandbox is not even downloaded', async () => {
    const web = new Web({});
    await expect((await word(web))()).rejects.toThrow(Unauthentic);
    expect(web.asked).toEqual([]);
  });

  test.each(['api.paypal.com', 'api-m.paypal.com'])(
    '%s is asked, for the live name',
    async (host) => {
      const certificateUrl = signatory.certificateUrl.replace('api.sandbox.paypal.com', host);
      const sandbox = { ...signatory, certificateUrl };
      const web = serving(signatory.pem, sandbox);
      await expect((await word(web, sandbox))()).rejects.toThrow(/messages/);
      expect(web.asked).toEqual([certificateUrl]);
      const live = issued({ commonName: 'messageverificationcerts.paypal.com' });
      const unknown = serving(live.pem, sandbox);
      await expect(keyOf(unknown, { certificateUrl })).rejects.toThrow(UnknownAuthority);
      expect(unknown.asked).toEqual([certificateUrl]);
    },
  );
});
