import type { Call, Reply } from '../http.ts';

/** An object of Google's, as its JSON form has it. */
export type Json = Record<string, unknown>;

/** What a long-running operation comes to. */
export interface Outcome {
  readonly response?: Json;
  readonly error?: { readonly code: number; readonly message: string };
}

/** One API of Google's. Undefined for a call that it does not have. */
export type Api = (call: Call) => Reply | undefined;

/** What a project of Firebase has from its first day. */
const atFirst = [
  ...['firebase', 'firestore', 'firebaserules', 'serviceusage', 'cloudresourcemanager', 'iam'],
  ...[
    'firebasehosting',
    'cloudbilling',
    'identitytoolkit',
    'pubsub',
    'storage',
    'logging',
    'compute',
    'oauth2',
  ],
].map((name) => `${name}.googleapis.com`);

/** A long-running operation: under way when a caller looks first, and done when it looks again. */
class Operation {
  readonly #name: string;
  readonly #outcome: Outcome;
  #looks = 0;

  constructor(name: string, outcome: Outcome) {
    this.#name = name;
    this.#outcome = outcome;
  }

  look(): Json {
    this.#looks += 1;
    if (this.#looks === 1) return { name: this.#name, done: false };
    return { name: this.#name, done: true, ...this.#outcome };
  }
}

/** What Google keeps of a project: every API of the stand-in reads and writes this. */
export class CloudProject {
  readonly id: string;
  readonly number: string;
  /** The service account that functions without one run as. */
  readonly computeAccount: string;
  readonly services: Set<string>;
  /** Service accounts by e-mail address. */
  readonly accounts: Set<string>;
  /** These, and all that follow, by the names of their resources. */
  readonly secrets = new Map<string, Json>();
  /** What each version of a secret holds, the first one first. */
  readonly secretVersions = new Map<string, Buffer[]>();
  readonly functions = new Map<string, Json>();
  /** What was uploaded, by the name of the object. */
  readonly uploads = new Map<string, Buffer>();
  readonly jobs = new Map<string, Json>();
  readonly databases = new Map<string, Json>();
  readonly indexes = new Map<string, Json>();
  readonly fields = new Map<string, Json>();
  readonly rulesets = new Map<string, Json>();
  readonly releases = new Map<string, Json>();
  /** Versions of the Hosting site, each with its files by their paths, as hashes. */
  readonly versions = new Map<string, Json>();
  /** What was uploaded to Hosting, by its hash. */
  readonly files = new Map<string, Buffer>();
  /** The version that Hosting serves. */
  hosted: string | undefined;
  readonly repositories = new Map<string, Json>();
  /** IAM policies by the name of what they are attached to. */
  readonly policies = new Map<string, Json>();
  readonly operations = new Map<string, Operation>();
  #made = 0;

  /** @param accounts service accounts beside Google's default ones. */
  constructor(id: string, accounts: readonly string[] = []) {
    this.id = id;
    this.number = '123456789012';
    const database = `projects/${id}/databases/(default)`;
    this.databases.set(database, { name: database, locationId: 'europe-west1' });
    this.computeAccount = `${this.number}-compute@developer.gserviceaccount.com`;
    this.services = new Set(atFirst);
    this.accounts = new Set([
      this.computeAccount,
      `${id}@appspot.gserviceaccount.com`,
      ...accounts,
    ]);
  }

  /** A number that no object of the project has yet. */
  next(): number {
    this.#made += 1;
    return this.#made;
  }

  /** The operation that a caller is given for what it began. */
  begin(parent: string, outcome: Outcome): Json {
    const name = `${parent}/operations/operation-${this.next()}`;
    this.operations.set(name, new Operation(name, outcome));
    return { name, done: false };
  }

  /** Whether a service account has a role on a resource. */
  hasRole(resource: string, role: string, account: string): boolean {
    const bindings = (this.policies.get(resource)?.['bindings'] ?? []) as Binding[];
    const members = bindings.find((one) => one.role === role)?.members ?? [];
    return members.includes(`serviceAccount:${account}`);
  }
}

export interface Binding {
  readonly role: string;
  readonly members: readonly string[];
}
