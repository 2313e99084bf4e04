import { createHash, X509Certificate } from 'node:crypto';
import { appleRootCaG3 } from '../../../../functions/src/gateways/appstore/apple-root-ca-g3.ts';

test('the root we ship is Apple Root CA - G3', () => {
  const fingerprint = createHash('sha256').update(appleRootCaG3).digest('hex');
  expect(fingerprint).toBe('63343abfb89a6a03ebb57e9b3f5fa7be7c4f5c756f3017b3a8c488c3653e9179');
  const certificate = new X509Certificate(appleRootCaG3);
  expect(certificate.subject).toContain('CN=Apple Root CA - G3');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.raw).toEqual(appleRootCaG3);
});
