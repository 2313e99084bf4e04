import { z } from 'zod';
import { GoogleRefusal, part, type GoogleClient } from '../google/client.ts';
import { SUBSCRIPTION } from '../googleplay/plan.ts';
import { intervalsMs } from '../stack/schedule.ts';
import { faultOfAddress } from './address.ts';
import type { Examined, Finding } from './examine.ts';
import type { Expected } from './expected.ts';
import { examineIndexes } from './indexes.ts';

/** What is to be compared with the project. */
export interface Wanted {
  readonly project: string;
  /** A domain of the operator's own that gateways call. */
  readonly domain: string | undefined;
  /** Whether the functions' own address is closed to strangers (FUNCTIONS_INGRESS). */
  readonly isClosed: boolean;
  readonly version: string;
  readonly mode: string;
  /** Of Firestore. */
  readonly database: string;
  readonly functions: readonly Expected[];
  /** Undefined where Google Play is off. */
  readonly push: { readonly audience: string; readonly sender: string } | undefined;
  readonly now: Date;
}

const ok = (name: string, words = 'as it should be'): Finding => ({ name, state: 'ok', words });
const wrong = (name: string, words: string, fix: string): Finding => ({
  name,
  state: 'wrong',
  words,
  fix,
});

/**
 * Compares a project with what is here, and changes nothing. A part that the user may not read is not
 * seen, with the role that is missing; it is no fault.
 */
export async function examineDeployed(google: GoogleClient, wanted: Wanted): Promise<Examined[]> {
  const parts: readonly [title: string, look: typeof examineFunctions][] = [
    ['Functions of the project', examineFunctions],
    ['The version that answers', examineHealth],
    ['Indexes of Firestore', (client, one) => examineIndexes(client, one.project, one.database)],
    ['Secrets of the project', examineSecrets],
    ['Schedules', examineSchedules],
    ['Push subscription of Google Play', examinePush],
  ];
  return Promise.all(
    parts.map(async ([title, look]) => ({
      title,
      findings: await seen(title, look(google, wanted)),
    })),
  );
}

async function seen(title: string, looking: Promise<Finding[]>): Promise<Finding[]> {
  return looking.catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error);
    return [{ name: title, state: 'unseen', words }];
  });
}

const deployedFunction = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  state: z.string().default('UNKNOWN'),
  serviceConfig: z
    .object({
      secretEnvironmentVariables: z
        .array(z.object({ key: z.string(), secret: z.string(), version: z.string() }))
        .default([]),
    })
    .prefault({}),
});

const last = (name: string) => name.split('/').at(-1) ?? '';

/** https://docs.cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions */
async function listFunctions(google: GoogleClient, { project }: Wanted) {
  const url = `https://cloudfunctions.googleapis.com/v2/projects/${part(project)}/locations/-/functions`;
  const found = await google.list(url, 'functions', 'roles/cloudfunctions.viewer');
  return found.map((one) => {
    const { name, state, labels, serviceConfig } = deployedFunction.parse(one);
    const [, region = ''] = /\/locations\/([^/]+)\//.exec(name) ?? [];
    // So the Firebase CLI marks them; firebase.json names ours.
    const isOurs = labels['firebase-functions-codebase'] === 'payments';
    const secrets = serviceConfig.secretEnvironmentVariables;
    return { name: last(name), region, state, isOurs, secrets };
  });
}

const DEPLOY = 'npx firebase deploy --only functions';

async function examineFunctions(google: GoogleClient, wanted: Wanted): Promise<Finding[]> {
  const found = await listFunctions(google, wanted);
  return wanted.functions.map(({ name, region, secrets }) => {
    const same = found.filter((one) => one.name === name);
    const deployed = same.find((one) => one.region === region);
    if (deployed === undefined) {
      const elsewhere = same.map((one) => one.region).join(', ');
      if (elsewhere === '') return wrong(name, 'is not deployed', DEPLOY);
      const fix = `Set FUNCTIONS_REGION back, or deploy and give every gateway its new address.`;
      return wrong(name, `runs in ${elsewhere}, and FUNCTIONS_REGION is ${region}`, fix);
    }
    if (deployed.state !== 'ACTIVE') {
      return wrong(
        name,
        `is ${deployed.state}`,
        `npx firebase functions:log --only ${name}; ${DEPLOY}`,
      );
    }
    const unbound = secrets.filter((key) => !deployed.secrets.some((one) => one.key === key));
    if (unbound.length > 0) return wrong(name, `has no ${unbound.join(', ')}`, DEPLOY);
    const left = same.find((one) => one.region !== region && one.isOurs);
    if (left !== undefined) {
      const fix = `npx firebase functions:delete ${name} --region ${left.region}, when nothing calls it there.`;
      return wrong(name, `is left in ${left.region}, and runs in ${region}, too`, fix);
    }
    return ok(name, `runs in ${region}`);
  });
}

const health = z.object({ version: z.string(), mode: z.string() });

async function examineHealth(google: GoogleClient, wanted: Wanted): Promise<Finding[]> {
  const name = 'app-health';
  const { region = '' } = wanted.functions.find((one) => one.name === name) ?? {};
  const answer = await google.open(
    `https://${region}-${wanted.project}.cloudfunctions.net/${name}`,
  );
  if (answer.status === 404 && wanted.isClosed) {
    throw new Error('cannot be asked: FUNCTIONS_INGRESS lets a load balancer in alone');
  }
  if (answer.status === 503) {
    return [
      wrong(name, 'is 503: Firestore does not answer', 'Look at https://status.cloud.google.com'),
    ];
  }
  const { data } = health.safeParse(await answer.json().catch(() => undefined));
  if (!answer.ok || data === undefined) {
    const fix = `npx firebase functions:log --only ${name} says why; ${DEPLOY}`;
    return [wrong(name, `is answered ${answer.status}`, fix)];
  }
  const { version, mode } = data;
  return [
    version === wanted.version
      ? ok('version', version)
      : wrong('version', `is ${version}, and this is ${wanted.version}`, DEPLOY),
    mode === wanted.mode
      ? ok('mode', mode)
      : wrong('mode', `is ${mode}, and PAYMENTS_MODE is ${wanted.mode}`, DEPLOY),
  ];
}

/** https://docs.cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions */
async function examineSecrets(google: GoogleClient, wanted: Wanted): Promise<Finding[]> {
  const deployed = await listFunctions(google, wanted).catch(() => undefined);
  const ours = deployed?.filter((one) =>
    wanted.functions.some(({ name, region }) => one.name === name && one.region === region),
  );
  const names = [...new Set(wanted.functions.flatMap(({ secrets }) => secrets))].toSorted();
  const root = `https://secretmanager.googleapis.com/v1/projects/${part(wanted.project)}/secrets`;
  return Promise.all(
    names.map(async (name): Promise<Finding> => {
      const set = `npx firebase functions:secrets:set ${name}, then ${DEPLOY}`;
      const version = await google
        .call(`${root}/${name}/versions/latest`, 'roles/secretmanager.viewer')
        .catch((error: unknown) => {
          if (error instanceof GoogleRefusal && error.status === 404) return undefined;
          throw error;
        });
      if (version === undefined) return wrong(name, 'is not in Secret Manager', set);
      if (version['state'] !== 'ENABLED')
        return wrong(name, 'has a latest version that is off', set);
      const latest = last(version['name'] as string);
      if (ours === undefined) {
        const words = `has version ${latest}; the one that functions use could not be seen`;
        return { name, state: 'unseen', words };
      }
      const bound = ours.flatMap(({ secrets }) => secrets.filter(({ key }) => key === name));
      const old = bound.find((one) => one.version !== 'latest' && one.version !== latest);
      if (old === undefined) return ok(name, `version ${latest}`);
      return wrong(name, `has version ${latest}, and functions still use ${old.version}`, DEPLOY);
    }),
  );
}

const job = z.object({
  name: z.string(),
  state: z.string().default('STATE_UNSPECIFIED'),
  lastAttemptTime: z.iso.datetime({ offset: true }).optional(),
  /** The next run. */
  scheduleTime: z.iso.datetime({ offset: true }).optional(),
  status: z.object({ code: z.number().optional() }).optional(),
});

/** https://docs.cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs */
async function examineSchedules(google: GoogleClient, wanted: Wanted): Promise<Finding[]> {
  const scheduled = wanted.functions.filter(({ isScheduled }) => isScheduled);
  const [{ region } = { region: '' }] = scheduled;
  const root = `https://cloudscheduler.googleapis.com/v1/projects/${part(wanted.project)}`;
  const found = await google.list(
    `${root}/locations/${region}/jobs`,
    'jobs',
    'roles/cloudscheduler.viewer',
  );
  const jobs = found.map((one) => job.parse(one));
  return scheduled.map(({ name }): Finding => {
    // So the Firebase CLI names it.
    const id = `firebase-schedule-${name}-${region}`;
    const one = jobs.find((each) => last(each.name) === id);
    if (one === undefined) return wrong(name, 'has no job in Cloud Scheduler', DEPLOY);
    if (one.state !== 'ENABLED') {
      const fix = `gcloud scheduler jobs resume ${id} --location ${region}`;
      return wrong(name, `is ${one.state}`, fix);
    }
    const { lastAttemptTime, scheduleTime = '' } = one;
    if (lastAttemptTime === undefined && Date.parse(scheduleTime) > wanted.now.getTime()) {
      return { name, state: 'unseen', words: `is not due yet: it runs at ${scheduleTime} first` };
    }
    const intervalMs = (intervalsMs as Readonly<Record<string, number>>)[name] ?? 0;
    const pausedMs = wanted.now.getTime() - Date.parse(one.lastAttemptTime ?? '');
    if (!(pausedMs < 3 * intervalMs)) {
      const fix = `gcloud scheduler jobs run ${id} --location ${region}, and look at its log`;
      return wrong(name, `was not tried since ${one.lastAttemptTime ?? 'it was made'}`, fix);
    }
    if ((one.status?.code ?? 0) !== 0) {
      const fix = `npx firebase functions:log --only ${name} says why`;
      return wrong(name, `has failed at ${one.lastAttemptTime ?? ''}`, fix);
    }
    return ok(name, `has run at ${one.lastAttemptTime ?? ''}`);
  });
}

const subscription = z.object({
  pushConfig: z
    .object({
      pushEndpoint: z.string().default(''),
      oidcToken: z
        .object({ serviceAccountEmail: z.string().default(''), audience: z.string().default('') })
        .prefault({}),
    })
    .prefault({}),
});

const NAME = 'googleplay-handleWebhookEvents';

/** https://docs.cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions */
async function examinePush(google: GoogleClient, wanted: Wanted): Promise<Finding[]> {
  const { project, push } = wanted;
  if (push === undefined) return [ok(SUBSCRIPTION, 'not needed: Google Play is off')];
  const url = `https://pubsub.googleapis.com/v1/projects/${part(project)}/subscriptions/${SUBSCRIPTION}`;
  const fix = 'npm run setup:googleplay makes and corrects it';
  try {
    const { pushConfig } = subscription.parse(await google.call(url, 'roles/pubsub.viewer'));
    const { pushEndpoint, oidcToken } = pushConfig;
    const faults = [
      !pushEndpoint.endsWith(`/${NAME}`) && `pushes to another address than ${NAME}`,
      oidcToken.serviceAccountEmail === '' && 'pushes without a sender (OIDC token)',
      oidcToken.serviceAccountEmail !== '' &&
        oidcToken.serviceAccountEmail !== push.sender &&
        'has another sender than GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT',
      // Without one, Pub/Sub takes the address itself.
      (oidcToken.audience || pushEndpoint) !== push.audience &&
        'has another audience than GOOGLE_PLAY_PUSH_AUDIENCE',
    ].filter((words) => words !== false);
    if (faults.length > 0) return [wrong(SUBSCRIPTION, faults.join('; '), fix)];
    const fault = await faultOfAddress({ ...wanted, google }, NAME, pushEndpoint);
    return [fault === undefined ? ok(SUBSCRIPTION) : { name: SUBSCRIPTION, fix, ...fault }];
  } catch (error) {
    if (!(error instanceof GoogleRefusal) || error.status !== 404) throw error;
    return [wrong(SUBSCRIPTION, 'is not there', fix)];
  }
}
