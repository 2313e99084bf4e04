import { Unauthentic } from '../../../../functions/src/errors.ts';
import { pinnedAuthorities } from '../../../../functions/src/gateways/paypal/authorities.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { logFromNow } from '../../../harness/log.ts';
import { createSignatory, type Signatory } from '../../../standins/paypal/signing.ts';
import { signatory, useStandin } from './bench.ts';
import { Web, word } from './web.ts';

const paypal = useStandin();

describe('a certificate that leads to no pinned authority', () => {
  beforeEach(() => {
    setEnvironment({ PAYPAL_TRUST_ANCHOR: undefined, PAYPAL_API_URL: paypal().origin });
  });
  const served = async (by: Pick<Signatory, 'leaf' | 'certificateUrl'>) => {
    const path = new URL(by.certificateUrl).pathname;
    return word(new Web({ [`${paypal().origin}${path}`]: () => new Response(signatory.pem) }), by);
  };

  test('is told to a person, and PayPal says whether it has signed', async () => {
    const logged = logFromNow();
    await expect((await served(signatory))()).resolves.toBeDefined();
    expect(logged().map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { severity: 'ERROR', message: expect.stringContaining('no pinned authority') as string },
    ]);
  });

  test('of a message that PayPal has not signed is refused', async () => {
    const { leaf } = createSignatory();
    const { certificateUrl } = signatory;
    await expect((await served({ leaf, certificateUrl }))()).rejects.toThrow(Unauthentic);
  });
});

/** SHA-256, as DigiCert publishes them: https://www.digicert.com/kb/digicert-root-certificates.htm */
const published = {
  'CN=DigiCert High Assurance EV Root CA':
    '74:31:E5:F4:C3:C1:CE:46:90:77:4F:0B:61:E0:54:40:88:3B:A9:A0:1E:D0:0B:A6:AB:D7:80:6E:D3:B1:18:CF',
  'CN=DigiCert Global Root CA':
    '43:48:A0:E9:44:4C:78:CB:26:5E:05:8D:5E:89:44:B4:D8:4F:96:62:BD:26:DB:25:7F:89:34:A4:43:C7:01:61',
  'CN=DigiCert Global Root G2':
    'CB:3C:CB:B7:60:31:E5:E0:13:8F:8D:D3:9A:23:F9:DE:47:FF:C3:5E:43:C1:14:4C:EA:27:D4:6A:5A:B1:CB:5F',
};

test('the pinned authorities are the roots of DigiCert, whatever Node trusts', () => {
  const pinned = pinnedAuthorities().map(({ subject, fingerprint256 }) => [
    subject.split('\n').at(-1),
    fingerprint256,
  ]);
  expect(Object.fromEntries(pinned)).toEqual(published);
  for (const { ca, validToDate } of pinnedAuthorities()) {
    expect(ca).toBe(true);
    expect(validToDate.getTime()).toBeGreaterThan(Date.now());
  }
});
