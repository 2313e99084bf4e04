import { runScript } from '../../harness/script.ts';
import { startGoogleCloud, type GoogleCloudStandin } from '../../standins/google-cloud/server.ts';

/** `npm run setup:monitoring`, against a project that keeps what it is given. */

const PROJECT = 'demo-monitoring';
const EMAIL = 'on-call@example.com';

let google: GoogleCloudStandin;

beforeEach(async () => {
  google = await startGoogleCloud(PROJECT);
});

afterEach(() => google.stop());

const setUp = (...args: string[]) =>
  runScript(
    'scripts/setup-monitoring.ts',
    ['--project', PROJECT, '--email', EMAIL, ...args],
    google.environment,
  );

const kept = () => google.control.monitoring.kept;

/** The one entry of a list that has this label. */
function ours(key: string, id: string): Record<string, unknown> {
  const found = kept()[key]?.filter(({ userLabels }) => {
    return (userLabels as Record<string, string> | undefined)?.['payments'] === id;
  });
  expect(found).toHaveLength(1);
  return found?.[0] ?? {};
}

test('all of it is made, and a second time nothing is doubled or changed', async () => {
  const first = await setUp();
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(kept()['notificationChannels']).toMatchObject([
    { type: 'email', labels: { email_address: EMAIL } },
  ]);
  const [channel] = kept()['notificationChannels'] ?? [];
  expect(kept()['alertPolicies']).toHaveLength(7);
  for (const policy of kept()['alertPolicies'] ?? []) {
    expect(policy['notificationChannels']).toEqual([channel?.['name']]);
  }
  expect(kept()['metrics']).toHaveLength(4);
  expect(kept()['dashboards']).toHaveLength(1);
  expect(ours('uptimeCheckConfigs', 'health')).toMatchObject({
    monitoredResource: { labels: { host: `us-central1-${PROJECT}.cloudfunctions.net` } },
    httpCheck: { path: '/app-health', useSsl: true },
  });
  expect(JSON.stringify(kept())).not.toContain('{{');

  const before = structuredClone(kept());
  const second = await setUp();
  expect([second.code, second.stderr]).toEqual([0, '']);
  expect(second.stdout).not.toMatch(/made|corrected/);
  expect(kept()).toEqual(before);
});

test('what a person has changed is set right, and what they have added stays', async () => {
  await setUp();
  const door = ours('alertPolicies', 'door');
  const own = `projects/${PROJECT}/notificationChannels/pager`;
  Object.assign(door, {
    displayName: 'The door',
    conditions: [{ displayName: 'none', conditionMatchedLog: { filter: 'severity>=INFO' } }],
    notificationChannels: [own],
  });
  kept()['alertPolicies']?.unshift({ name: 'theirs', displayName: 'Payments: rows are late' });
  const { code, stdout } = await setUp();
  expect(code).toBe(0);
  expect(stdout).toContain('corrected  alert policy Payments: a webhook only refuses');
  expect(ours('alertPolicies', 'door')).toMatchObject({
    displayName: 'Payments: a webhook only refuses',
    notificationChannels: [own, kept()['notificationChannels']?.[0]?.['name']],
  });
  expect(JSON.stringify(ours('alertPolicies', 'door'))).toContain('no event is proven');
  expect(kept()['alertPolicies']).toHaveLength(8);
});

test('another address joins, and the check follows no new host by itself', async () => {
  await setUp();
  await setUp('--email', 'second@example.com');
  expect(kept()['notificationChannels']).toHaveLength(2);
  expect(ours('alertPolicies', 'errors')['notificationChannels']).toHaveLength(2);
  const moved = await setUp('--health', 'https://pay.example.com/api/app-health');
  expect([moved.code, moved.stderr]).toEqual([
    1,
    expect.stringContaining('has another monitoredResource: delete it in the console'),
  ]);
});

test('a policy that somebody has switched off is on again', async () => {
  await setUp();
  ours('alertPolicies', 'door')['enabled'] = false;
  const { stdout } = await setUp();
  expect(stdout).toContain('corrected  alert policy Payments: a webhook only refuses: enabled');
  expect(ours('alertPolicies', 'door')['enabled']).toBe(true);
});

test('an address of its own is looked at', async () => {
  kept()['uptimeCheckConfigs']?.push({ name: 'theirs', displayName: 'the same host' });
  await setUp('--health', 'https://pay.example.com/api/app-health');
  expect(ours('uptimeCheckConfigs', 'health')).toMatchObject({
    monitoredResource: { labels: { host: 'pay.example.com' } },
    httpCheck: { path: '/api/app-health' },
  });
  // Another check of the host is not ours to tell of.
  const { name } = ours('uptimeCheckConfigs', 'health');
  const id = String(name).split('/').at(-1) ?? '';
  const policy = JSON.stringify(ours('alertPolicies', 'unhealthy'));
  expect(policy).toContain(JSON.stringify(`metric.labels.check_id="${id}"`).slice(1, -1));
  expect(policy).not.toContain('pay.example.com');
});

test.each([
  ['deny', 'monitoring.googleapis.com', 'needs roles/monitoring.editor'],
  ['deny', 'logging.googleapis.com', 'needs roles/logging.configWriter'],
  ['disable', 'monitoring.googleapis.com', 'gcloud services enable monitoring.googleapis.com'],
  ['disable', 'logging.googleapis.com', 'gcloud auth application-default set-quota-project'],
] as const)('where Google refuses (%s %s) it says: %s', async (how, host, words) => {
  google.control[how](host);
  const { code, stderr } = await setUp();
  expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
});

test('an option that there is not is refused', async () => {
  const { code, stderr } = await setUp('--emial', EMAIL);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`'--emial'`)]);
  expect(kept()['alertPolicies']).toEqual([]);
});

test.each([
  [['--project', 'No'], '--project'],
  [['--email', 'ann'], '--email'],
  [['--health', 'http://pay.example.com/x'], '--health'],
])('%j is refused', async (args, name) => {
  const { code, stderr } = await setUp(...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`Missing or malformed: ${name}\n`)]);
  expect(kept()['alertPolicies']).toEqual([]);
});
