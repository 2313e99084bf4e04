import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Policy, PubSub } from '@google-cloud/pubsub';
import { grant, setUpGrants } from '../../scripts/googleplay/pubsub.ts';
import {
  findPubsubEmulator,
  startPubsubEmulator,
  type PubsubEmulator,
} from '../harness/pubsub-emulator.ts';

/** The setup of Google Play's notifications, against Google's own Pub/Sub emulator. */

jest.setTimeout(120_000);

const found = findPubsubEmulator();

const PROJECT = 'demo-googleplay';
const arguments_ = {
  project: PROJECT,
  'project-number': '123456789',
  endpoint: 'https://payments.example.com/googleplay-handleWebhookEvents',
  sender: 'push@demo-googleplay.iam.gserviceaccount.com',
};

async function setUp(
  given: Readonly<Record<string, string>>,
  host = '127.0.0.1:1',
): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]);
  const offline = { METADATA_SERVER_DETECTION: 'none' };
  const env = { ...process.env, ...offline, PUBSUB_EMULATOR_HOST: host };
  const script = ['scripts/setup-googleplay.ts', ...args];
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, script, { env })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

if ('reason' in found) {
  test.skip(`topics and subscriptions: ${found.reason}`, () => undefined);
} else {
  describe('topics and subscriptions', () => {
    let emulator: PubsubEmulator;
    let pubsub: PubSub;

    beforeAll(async () => {
      emulator = await startPubsubEmulator(found.jar);
      const library = await import('@google-cloud/pubsub');
      pubsub = new library.PubSub({
        projectId: PROJECT,
        apiEndpoint: emulator.host,
        emulatorMode: true,
      });
    });

    afterAll(async () => {
      await pubsub.close();
      await emulator.stop();
    });

    async function settings(name: string) {
      const [metadata] = await pubsub.subscription(name).getMetadata();
      return metadata;
    }

    test('are made, and nothing changes when it runs again', async () => {
      const first = await setUp(arguments_, emulator.host);
      expect([first.code, first.stderr]).toEqual([0, '']);
      const before = await settings('play-notifications-push');
      expect(before).toMatchObject({
        topic: `projects/${PROJECT}/topics/play-notifications`,
        pushConfig: {
          pushEndpoint: arguments_.endpoint,
          oidcToken: { serviceAccountEmail: arguments_.sender, audience: arguments_.endpoint },
        },
        ackDeadlineSeconds: 60,
        retryPolicy: { minimumBackoff: { seconds: '10' }, maximumBackoff: { seconds: '600' } },
        deadLetterPolicy: {
          deadLetterTopic: `projects/${PROJECT}/topics/play-notifications-dead`,
          maxDeliveryAttempts: 100,
        },
        messageRetentionDuration: { seconds: '604800' },
      });
      expect(await settings('play-notifications-dead-pull')).toMatchObject({
        topic: `projects/${PROJECT}/topics/play-notifications-dead`,
        messageRetentionDuration: { seconds: '604800' },
      });

      const second = await setUp(arguments_, emulator.host);
      expect([second.code, second.stderr]).toEqual([0, '']);
      expect(second.stdout).not.toMatch(/made|corrected/);
      expect(await settings('play-notifications-push')).toEqual(before);
      const [subscriptions] = await pubsub.getSubscriptions();
      expect(subscriptions).toHaveLength(2);
    });

    test('that somebody has changed are set right', async () => {
      await setUp(arguments_, emulator.host);
      const subscription = pubsub.subscription('play-notifications-push');
      await subscription.setMetadata({
        pushConfig: { pushEndpoint: 'https://old.example.com' },
        ackDeadlineSeconds: 10,
      });
      const { stdout } = await setUp(arguments_, emulator.host);
      expect(stdout).toContain('play-notifications-push: pushConfig, ackDeadlineSeconds');
      expect(await settings('play-notifications-push')).toMatchObject({
        pushConfig: { pushEndpoint: arguments_.endpoint },
        ackDeadlineSeconds: 60,
      });
    });

    test('that are of another topic are left to the operator', async () => {
      await setUp(arguments_, emulator.host);
      await pubsub.subscription('play-notifications-push').delete();
      await pubsub.createTopic('other');
      await pubsub.topic('other').createSubscription('play-notifications-push');
      const { code, stderr } = await setUp(arguments_, emulator.host);
      expect(code).toBe(1);
      expect(stderr).toContain('is of the topic projects/demo-googleplay/topics/other');
      await pubsub.subscription('play-notifications-push').delete();
    });

    test('what is left to do is printed, with the names that were made', async () => {
      const { stdout } = await setUp(arguments_, emulator.host);
      expect(stdout).toContain(`projects/${PROJECT}/topics/play-notifications`);
      expect(stdout).toContain(`GOOGLE_PLAY_PUSH_AUDIENCE=${arguments_.endpoint}`);
      expect(stdout).toContain(`GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT=${arguments_.sender}`);
      expect(stdout).toContain('grants: the emulator has none');
    });
  });
}

test.each([
  ['project', ''],
  ['project-number', 'demo'],
  ['endpoint', 'http://payments.example.com'],
  ['sender', 'somebody@example.com'],
])('without a usable --%s nothing is done', async (name, value) => {
  const { code, stderr, stdout } = await setUp({ ...arguments_, [name]: value });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`--${name}`);
});

/** Policies as Google keeps them, by resource. */
function iamOf(kept: Map<string, Policy>, asked: number[] = []) {
  return (id: string) =>
    ({
      id,
      request: (
        { reqOpts }: { reqOpts: { resource: string; options: { requestedPolicyVersion: number } } },
        answer: (error: null, policy: Policy) => void,
      ) => {
        asked.push(reqOpts.options.requestedPolicyVersion);
        answer(null, kept.get(reqOpts.resource) ?? { etag: 'none' });
      },
      setPolicy: async (policy: Policy) => {
        kept.set(id, policy);
        return [policy];
      },
    }) as unknown as Parameters<typeof grant>[0];
}

describe('a grant', () => {
  const give = (kept: Map<string, Policy>) =>
    grant(iamOf(kept)('t'), 'topic', 'publisher', 'google-play', () => undefined);

  test('is made once, and leaves the others', async () => {
    const editor = { role: 'editor', members: ['somebody'] };
    const kept = new Map<string, Policy>([['t', { etag: 'e1', bindings: [editor] }]]);
    await give(kept);
    const granted = kept.get('t');
    await give(kept);
    expect(granted).toEqual({
      etag: 'e1',
      version: 3,
      bindings: [editor, { role: 'publisher', members: ['google-play'] }],
    });
    expect(kept.get('t')).toBe(granted);
  });

  test('joins the members that are there, not those under a condition', async () => {
    const conditional = { role: 'publisher', members: ['x'], condition: { expression: 'y' } };
    const plain = { role: 'publisher', members: ['us'] };
    const kept = new Map<string, Policy>([['t', { bindings: [conditional, plain] }]]);
    await give(kept);
    expect(kept.get('t')?.bindings).toEqual([
      conditional,
      { role: 'publisher', members: ['us', 'google-play'] },
    ]);
  });
});

test('Google Play may publish; Pub/Sub may move dead letters out of the one into the other', async () => {
  const kept = new Map<string, Policy>();
  const asked: number[] = [];
  const iam = iamOf(kept, asked);
  const pubsub = {
    topic: (name: string) => ({ iam: iam(`topics/${name}`) }),
    subscription: (name: string) => ({ iam: iam(`subscriptions/${name}`) }),
  } as unknown as PubSub;
  const plan = { ...arguments_, projectNumber: '123456789' };
  await setUpGrants(pubsub, plan, () => undefined);
  await setUpGrants(pubsub, plan, () => undefined);
  const agent = 'serviceAccount:service-123456789@gcp-sa-pubsub.iam.gserviceaccount.com';
  const google = 'serviceAccount:google-play-developer-notifications@system.gserviceaccount.com';
  const bindings = [...kept].map(([name, policy]) => [name, policy.bindings]);
  expect(bindings).toEqual([
    ['topics/play-notifications', [{ role: 'roles/pubsub.publisher', members: [google] }]],
    ['topics/play-notifications-dead', [{ role: 'roles/pubsub.publisher', members: [agent] }]],
    [
      'subscriptions/play-notifications-push',
      [{ role: 'roles/pubsub.subscriber', members: [agent] }],
    ],
  ]);
  expect(new Set(asked)).toEqual(new Set([3]));
});
