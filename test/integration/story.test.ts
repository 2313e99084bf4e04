import { gunzipSync, gzipSync } from 'node:zlib';
import { sweep } from '../../scripts/stack/schedule.ts';
import { functionUrl } from '../../scripts/stack/values.ts';
import { tellStory } from '../../scripts/story/story.ts';
import { emptyFirestore } from '../harness/empty-firestore.ts';
import { collected } from '../harness/log.ts';

const firestoreHost = process.env['FIRESTORE_EMULATOR_HOST'] ?? '';
const webhookUrl = functionUrl('stripe-handleWebhookEvents');

// A second look asks about all rows of a gateway, and other tests have gateways of their own.
beforeAll(emptyFirestore);

test('the story comes out as told, on the emulators', async () => {
  const cameOut = await tellStory({ firestoreHost });
  if (!cameOut) throw new Error(`\n${collected().join('\n')}`);
}, 420_000);

test('the emulator runs the schedule', async () => {
  await expect(sweep()).resolves.toBeUndefined();
});

describe('the Functions emulator answers as production does', () => {
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  test('a body over 1 MB: 413, unparsed', async () => {
    const response = await post(`[${'{},'.repeat(3_000_000)}{}]`);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errorName: 'PayloadTooLargeException' });
  });

  test('a compressed one: 415', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    expect(gunzipSync(bomb)).toHaveLength(10_000_000);
    expect((await post(bomb, { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  test.each(['', '{not JSON', 'null'])(
    'no signature, the body is %j: 401, in JSON',
    async (body) => {
      const response = await post(body);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ errorName: 'UnauthorizedException' });
    },
  );

  test('GET: 405', async () => {
    expect((await fetch(webhookUrl)).status).toBe(405);
  });
});
