import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

export const PROJECT = 'demo-temp-number';
export const REGION = 'us-central1';

/** One port a component; all of them on the loopback address. */
export const ports = {
  functions: 5001,
  auth: 9099,
  hub: 4400,
  logging: 4500,
  firestore: 8080,
  firestoreControl: 8081,
  stripe: 9201,
  retail: 9202,
} as const;

export function origin(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Where a function answers. */
export function functionUrl(name: string): string {
  return `${origin(ports.functions)}/${PROJECT}/${REGION}/${name}`;
}

const parameters = {
  PAYMENTS_MODE: 'test',
  APP_ALLOWED_ORIGINS: 'http://localhost:3000',
  PLATFONE_API_URL: `${origin(ports.retail)}/api/v1`,
  STRIPE_ENABLED: 'true',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_standin',
  STRIPE_API_URL: origin(ports.stripe),
};

const secrets = {
  PLATFONE_API_KEY: 'retail-standin',
  STRIPE_SECRET_KEY: 'sk_test_standin',
  STRIPE_WEBHOOK_SECRET: 'whsec_standin',
};

export interface Values {
  readonly parameters: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<keyof typeof secrets, string>>;
  /** Names that somebody else than the stack has set. */
  readonly overridden: readonly string[];
}

/**
 * What the functions are configured with: the stack's own values, over them the developer's
 * `functions/.env.local` and `.secret.local`, over all the environment.
 */
export function developersValues(): Values {
  return valuesOver({
    ...readFile('functions/.env.local'),
    ...readFile('functions/.secret.local'),
    ...process.env,
  });
}

/** The stack's own values, changed by `given`. */
export function valuesOver(given: Readonly<Record<string, string | undefined>>): Values {
  const overridden: string[] = [];
  const over = <Names extends string>(own: Record<Names, string>) => {
    const entries = Object.entries<string>(own).map(([name, value]) => {
      if (given[name] === undefined) return [name, value];
      overridden.push(name);
      return [name, given[name]];
    });
    return Object.fromEntries(entries) as Record<Names, string>;
  };
  const optional = Object.entries(given).filter(([name, value]) => tunable.has(name) && value);
  return {
    parameters: {
      ...over(parameters),
      ...(Object.fromEntries(optional) as Record<string, string>),
    },
    secrets: over(secrets),
    overridden,
  };
}

/** Variables that have a default in the functions, so that the stack sets none. */
const tunable = new Set([
  'TOPUP_MIN_CENTS',
  'TOPUP_MAX_CENTS',
  'OPEN_ORDERS_PER_HOUR',
  'PUSH_BUDGET_MS',
  'PLATFONE_TIMEOUT_MS',
  'PLATFONE_SEND_GATEWAY',
  'PLATFONE_CONCURRENCY',
]);

function readFile(path: string): Record<string, string | undefined> {
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
}
