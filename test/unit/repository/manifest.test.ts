import { onRequest as official } from '../../../functions/node_modules/firebase-functions/lib/v2/providers/https.js';
import * as deployed from '../../../functions/src/index.ts';
import type { Published } from '../../../functions/src/http/call.ts';
import { onRequest } from '../../../functions/src/http/on-request.ts';
import { intervalsMs } from '../../../scripts/stack/schedule.ts';
import { webhookOptions } from '../../../functions/src/config/options.ts';
import { setEnvironment } from '../../harness/environment.ts';

type Declared = { readonly __endpoint: Record<string, unknown>; readonly published?: Published };

const groups = deployed as unknown as Record<string, Record<string, Declared>>;
const functions = Object.entries(groups).flatMap(([group, entries]) =>
  Object.entries(entries).map(([name, { __endpoint, published }]) => ({
    name: `${group}-${name}`,
    __endpoint,
    published,
  })),
);

/** How the variables of a group of functions begin. */
function prefixOf(name: string): string {
  const group = name.split('-')[0] ?? '';
  return group === 'googleplay' ? 'GOOGLE_PLAY' : group.toUpperCase();
}

const own = { serviceAccount: 'x@demo.iam.gserviceaccount.com', memory: '1GiB' } as const;

test.each([
  ['as it is shipped', webhookOptions],
  [
    'with settings of its own',
    { ...webhookOptions, ...own, ingressSettings: 'ALLOW_INTERNAL_AND_GCLB' } as const,
  ],
])('our declaration of an HTTP function is the official one, %s', (_name, settings) => {
  const options = { ...settings, secrets: ['SOME_SECRET'] };
  const handler = Object.assign(() => Promise.resolve(), {
    published: {
      kind: 'webhook',
      contentType: 'application/json',
      isHeldToAddresses: false,
    } as const,
  });
  const ours = onRequest(options, handler) as unknown as Declared;
  const theirs = official(options, () => undefined) as unknown as Declared;
  expect(JSON.parse(JSON.stringify(ours.__endpoint))).toEqual(
    JSON.parse(JSON.stringify(theirs.__endpoint)),
  );
});

const platform = {
  FUNCTIONS_REGION: 'europe-west3',
  FUNCTIONS_MEMORY: '2GiB',
  FUNCTIONS_MIN_INSTANCES: '2',
  FUNCTIONS_SERVICE_ACCOUNT: own.serviceAccount,
  FUNCTIONS_INGRESS: 'ALLOW_INTERNAL_AND_GCLB',
};

test('every function runs where the settings say, and only those that somebody waits for are warm', async () => {
  setEnvironment(platform);
  jest.resetModules();
  const moved = (await import('../../../functions/src/index.ts')) as unknown as typeof groups;
  setEnvironment(Object.fromEntries(Object.keys(platform).map((name) => [name, undefined])));
  for (const [group, entries] of Object.entries(moved)) {
    for (const [name, { __endpoint: endpoint, published }] of Object.entries(entries)) {
      const isForStaff = published?.kind === 'call' && published.contract.staffRole !== undefined;
      const isWaitedFor = published !== undefined && !isForStaff && name !== 'health';
      expect([`${group}-${name}`, endpoint]).toEqual([
        `${group}-${name}`,
        expect.objectContaining({
          region: ['europe-west3'],
          availableMemoryMb: 2048,
          minInstances: isWaitedFor ? 2 : 0,
          serviceAccountEmail: own.serviceAccount,
          ...(published !== undefined && { ingressSettings: 'ALLOW_INTERNAL_AND_GCLB' }),
        }),
      ]);
    }
  }
});

test.each(functions)('$name has its limits', ({ __endpoint: endpoint }) => {
  expect(endpoint).toMatchObject({ platform: 'gcfv2', region: ['us-central1'] });
  for (const limit of ['maxInstances', 'concurrency', 'timeoutSeconds', 'availableMemoryMb']) {
    expect([limit, typeof endpoint[limit]]).toEqual([limit, 'number']);
  }
});

test.each(functions.filter(({ name }) => !/^(sync|app|staff)-/.test(name)))(
  '$name is left out of a deployment where its gateway is off',
  ({ name, __endpoint: endpoint }) => {
    const parameter = `params.${prefixOf(name)}_ENABLED`;
    expect(JSON.parse(JSON.stringify(endpoint['omit']))).toBe(
      `${parameter} == "false" ? true : ${parameter} == "" ? true : false`,
    );
  },
);

test('secrets are bound by name, and no function has those of another gateway', () => {
  for (const { name, __endpoint: endpoint } of functions) {
    const secrets = endpoint['secretEnvironmentVariables'] as { key: string }[];
    const allowed = new RegExp(`^(${prefixOf(name)}|PLATFONE)_`);
    for (const { key } of secrets) expect(key).toMatch(allowed);
  }
});

test('every function that places orders may ask the Retail API whether the account is on hold', () => {
  const placing = functions.filter(({ published }) => {
    return published?.kind === 'call' && published.contract.recaptchaAction !== undefined;
  });
  expect(placing.length).toBeGreaterThanOrEqual(6);
  for (const { name, __endpoint: endpoint } of placing) {
    const secrets = endpoint['secretEnvironmentVariables'] as { key: string }[];
    expect([name, secrets.map(({ key }) => key)]).toEqual([
      name,
      expect.arrayContaining(['PLATFONE_API_KEY']),
    ]);
  }
});

const scheduled = functions.filter(({ __endpoint: { scheduleTrigger } }) => scheduleTrigger);

test('the stack runs every schedule at the interval it is deployed with', () => {
  const deployedMs = scheduled.map(({ name, __endpoint: { scheduleTrigger } }) => {
    const { schedule } = scheduleTrigger as { schedule: string };
    const [, count, unit] = /^every (\d+) (minutes|hours)$/.exec(schedule) ?? [];
    return [name, Number(count) * (unit === 'hours' ? 60 : 1) * 60_000];
  });
  expect(Object.fromEntries(deployedMs)).toEqual(intervalsMs);
});

test.each(scheduled)('$name runs one at a time', ({ __endpoint: endpoint }) => {
  expect(endpoint).toMatchObject({ maxInstances: 1, concurrency: 1 });
});
