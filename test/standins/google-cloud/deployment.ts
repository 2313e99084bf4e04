import { readFileSync } from 'node:fs';
import type { Call, Reply } from '../http.ts';
import { notFound, page } from './answers.ts';

type Entry = Record<string, unknown>;

/** A function that somebody deploys: its secrets by name, each with its version. */
export interface DeployedFunction {
  readonly name: string;
  readonly region: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly isScheduled: boolean;
}

interface IndexesFile {
  readonly indexes: readonly { collectionGroup: string; queryScope: string; fields: Entry[] }[];
  readonly fieldOverrides: readonly {
    readonly collectionGroup: string;
    readonly fieldPath: string;
    readonly ttl?: boolean;
    readonly indexes: readonly Entry[];
  }[];
}

/**
 * What the Firebase CLI leaves in a project: functions, indexes, secrets, jobs, a subscription. A test
 * changes the lists as a person would in the console.
 */
export class Deployment {
  readonly project: string;
  /** The one database of Firestore. */
  database = '(default)';
  functions: Entry[] = [];
  indexes: Entry[] = [];
  fields: Entry[] = [];
  jobs: Entry[] = [];
  subscription: Entry | undefined;
  /** The state of the latest version of each secret, and its number. */
  readonly secrets: Record<string, { state: string; version: string }> = {};
  /** What a stranger hears of app-health. */
  health: Reply = { status: 404, body: '' };
  /** What Hosting serves for the project. */
  readonly domains: string[];

  constructor(project: string) {
    this.project = project;
    this.domains = [`${project}.web.app`, `${project}.firebaseapp.com`];
  }

  /** What a stranger hears who asks with GET, at the functions' own address or at one of Hosting's. */
  visit(host: string, path: string): Reply {
    const name = path.split('/').at(-1) ?? '';
    if (name === 'app-health') return this.health;
    const address = this.domains.includes(host) ? `${host}/api/${name}` : `${host}/${name}`;
    const isThere = this.functions.some((one) => {
      const [, , , region = '', , own] = String(one['name']).split('/');
      const hosts = [`${region}-${this.project}.cloudfunctions.net`, ...this.domains];
      return own === name && hosts.includes(host) && address === `${host}${path}`;
    });
    if (!isThere) return { status: 404, body: '' };
    return { status: 405, body: { errorName: 'MethodNotAllowedException', errorMessage: 'POST' } };
  }

  /** As `firebase deploy` does with what is declared, at this time. */
  deploy(functions: readonly DeployedFunction[], at: Date): void {
    this.functions = functions.map(({ name, region, secrets }) => ({
      name: `projects/${this.project}/locations/${region}/functions/${name}`,
      environment: 'GEN_2',
      labels: { 'deployment-tool': 'cli-firebase', 'firebase-functions-codebase': 'payments' },
      state: 'ACTIVE',
      serviceConfig: {
        secretEnvironmentVariables: Object.entries(secrets).map(([key, version]) => ({
          key,
          projectId: this.project,
          secret: key,
          version,
        })),
      },
    }));
    for (const { secrets } of functions) {
      for (const [name, version] of Object.entries(secrets)) {
        this.secrets[name] = { state: 'ENABLED', version };
      }
    }
    this.jobs = functions
      .filter(({ isScheduled }) => isScheduled)
      .map(({ name, region }) => ({
        name: `projects/${this.project}/locations/${region}/jobs/firebase-schedule-${name}-${region}`,
        state: 'ENABLED',
        lastAttemptTime: at.toISOString(),
        status: {},
      }));
    const file = JSON.parse(readFileSync('firestore.indexes.json', 'utf8')) as IndexesFile;
    const root = `projects/${this.project}/databases/${this.database}/collectionGroups`;
    this.indexes = file.indexes.map(({ collectionGroup, queryScope, fields }, id) => ({
      name: `${root}/${collectionGroup}/indexes/${id}`,
      queryScope,
      fields: [
        ...fields,
        { fieldPath: '__name__', order: fields.at(-1)?.['order'] ?? 'ASCENDING' },
      ],
      state: 'READY',
    }));
    this.fields = file.fieldOverrides.map(({ collectionGroup, fieldPath, ttl, indexes }) => ({
      name: `${root}/${collectionGroup}/fields/${fieldPath}`,
      indexConfig:
        indexes.length === 0
          ? {}
          : {
              indexes: indexes.map(({ queryScope, ...how }) => ({
                queryScope,
                fields: [{ fieldPath, ...how }],
                state: 'READY',
              })),
            },
      ...(ttl === true && { ttlConfig: { state: 'ACTIVE' } }),
    }));
  }

  /** @param path of the call, without the host. Undefined where the host is none of these. */
  answer(host: string, call: Call, path: string): Reply | undefined {
    const root = `/projects/${this.project}`;
    const at = decodeURIComponent(path);
    const region = /\/locations\/([^/]+)\/jobs$/.exec(at)?.[1] ?? '';
    const found: Readonly<Record<string, () => Reply>> = {
      [`cloudfunctions.googleapis.com/v2${root}/locations/-/functions`]: () =>
        page('functions', this.functions, call.query),
      [`cloudscheduler.googleapis.com/v1${root}/locations/${region}/jobs`]: () =>
        page('jobs', this.#jobsIn(region), call.query),
      [`firestore.googleapis.com/v1${root}/databases/${this.database}/collectionGroups/-/indexes`]:
        () => page('indexes', this.indexes, call.query),
      [`firestore.googleapis.com/v1${root}/databases/${this.database}/collectionGroups/-/fields`]:
        () => page('fields', this.fields, call.query),
      [`pubsub.googleapis.com/v1${root}/subscriptions/play-notifications-push`]: () =>
        this.subscription === undefined ? notFound() : { status: 200, body: this.subscription },
    };
    if (host === 'secretmanager.googleapis.com') return this.#secret(at);
    return found[`${host}${at}`]?.();
  }

  #jobsIn(region: string): Entry[] {
    return this.jobs.filter(({ name }) => (name as string).includes(`/locations/${region}/`));
  }

  #secret(path: string): Reply {
    const [, name = ''] = /\/secrets\/(\w+)\/versions\/latest$/.exec(path) ?? [];
    const secret = this.secrets[name];
    if (secret === undefined) return notFound();
    const { state, version } = secret;
    const full = `projects/${this.project}/secrets/${name}/versions/${version}`;
    return { status: 200, body: { name: full, state } };
  }
}
