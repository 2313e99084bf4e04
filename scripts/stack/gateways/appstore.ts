import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { newAuthority } from '../../../test/standins/appstore/authority.ts';
import { startAppStore } from '../../../test/standins/appstore/server.ts';
import { functionUrl, origin, valueOf } from '../values.ts';
import type { LocalGateway } from './gateway.ts';

const port = 9205;

/** An Apple for this run of the stack: no key of it is kept. */
const authority = newAuthority();
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export const appstore: LocalGateway = {
  name: 'appstore',
  title: 'App Store (stand-in)',
  port,
  parameters: {
    APPSTORE_ENABLED: 'true',
    APPSTORE_BUNDLE_ID: 'com.example.numbers',
    APPSTORE_ROOT_CERTIFICATE: authority.root.der.toString('base64'),
    APPSTORE_CONSUMPTION_CONSENT: 'true',
    APPSTORE_KEY_ID: 'STANDINKEY',
    APPSTORE_ISSUER_ID: 'issuer-standin',
    APPSTORE_API_URL: origin(port),
  },
  secrets: {
    APPSTORE_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  },
  start: (values) => {
    const bundleId = valueOf(values, 'APPSTORE_BUNDLE_ID');
    return startAppStore({
      port,
      app: { bundleId, environment: 'Sandbox' },
      authority,
      webhookUrl: functionUrl('appstore-handleWebhookEvents'),
      apiKey: {
        publicKey: createPublicKey(valueOf(values, 'APPSTORE_PRIVATE_KEY')),
        keyId: valueOf(values, 'APPSTORE_KEY_ID'),
        issuerId: valueOf(values, 'APPSTORE_ISSUER_ID'),
        bundleId,
      },
    });
  },
};
