import { keyFile, newKey } from '../../../test/standins/googleplay/keys.ts';
import { startGooglePlay } from '../../../test/standins/googleplay/server.ts';
import { functionUrl, origin, valueOf, type Values } from '../values.ts';
import type { LocalGateway } from './gateway.ts';

const port = 9206;

/** A service account for this run of the stack: its key is not kept. */
const { privateKey } = newKey();

export const googleplay: LocalGateway = {
  name: 'googleplay',
  title: 'Google Play (stand-in)',
  port,
  parameters: {
    GOOGLE_PLAY_ENABLED: 'true',
    GOOGLE_PLAY_PACKAGE_NAME: 'com.example.numbers',
    GOOGLE_PLAY_PUSH_AUDIENCE: functionUrl('googleplay-handleWebhookEvents'),
    GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT: 'push@standin.iam.gserviceaccount.com',
    GOOGLE_PLAY_API_URL: origin(port),
  },
  secrets: {
    GOOGLE_PLAY_SECRET_FILE: keyFile('play@standin.iam.gserviceaccount.com', privateKey),
  },
  start: (values) =>
    startGooglePlay({
      port,
      packageName: valueOf(values, 'GOOGLE_PLAY_PACKAGE_NAME'),
      account: accountIn(values),
      pushUrl: functionUrl('googleplay-handleWebhookEvents'),
      audience: valueOf(values, 'GOOGLE_PLAY_PUSH_AUDIENCE'),
      sender: valueOf(values, 'GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT'),
    }),
};

/** The account that the functions have the key of. */
function accountIn(values: Values): { email: string; privateKey: string } {
  const file = JSON.parse(valueOf(values, 'GOOGLE_PLAY_SECRET_FILE')) as Record<string, string>;
  return { email: file['client_email'] ?? '', privateKey: file['private_key'] ?? '' };
}
