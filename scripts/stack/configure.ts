import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { gateways } from './gateways/index.ts';
import { origin, ports, readDatabase, REGION, type Values } from './values.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What the functions of a developer's stack are configured with: the stack's own values, over them
 * those of `functions/.env.local` and `.secret.local`, over all of them the environment.
 */
export function developersValues(): Values {
  return valuesUnder({
    ...readFile('functions/.env.local'),
    ...readFile('functions/.secret.local'),
    ...process.env,
  });
}

/** The stack's own values, but for those that are given. */
export function valuesUnder(given: Variables): Values {
  const secrets = Object.assign(
    { PLATFONE_API_KEY: 'retail-standin' },
    ...gateways.map((gateway) => gateway.secrets),
  ) as Record<string, string>;
  const parameters = Object.assign(
    {
      PAYMENTS_MODE: 'test',
      APP_ALLOWED_ORIGINS: `http://localhost:3000,${origin(ports.webClient)}`,
      STORE_PRODUCTS: JSON.stringify({ credits_500: 500, credits_2500: 2500 }),
      // The stand-in takes as many as come.
      PLATFONE_CALLS_PER_SECOND: '1000',
      PLATFONE_BALANCE_CACHE_MS: '0',
      PLATFONE_API_URL: `${origin(ports.retail)}/api/v1`,
      ...google,
    },
    ...gateways.map((gateway) => gateway.parameters),
  ) as Record<string, string>;
  return {
    secrets: { ...secrets, ...pick(given, Object.keys(secrets)) },
    parameters: {
      ...parameters,
      ...pick(given, [...documentedParameters()]),
      // The addresses of the stack are made of the one; the story looks into the other.
      FUNCTIONS_REGION: REGION,
      FIRESTORE_DATABASE: readDatabase(),
    },
  };
}

/** Asked only when reCAPTCHA or App Check is switched on; the functions find it as on Google's machines. */
const google = {
  CLOUDSDK_CONFIG: '/nowhere',
  GCE_METADATA_HOST: new URL(origin(ports.google)).host,
  METADATA_SERVER_DETECTION: 'assume-present',
  RECAPTCHA_API_URL: origin(ports.google),
  APP_CHECK_JWKS_URL: `${origin(ports.google)}/v1/jwks`,
};

/** Every parameter the functions read, as `.env.example` names them. */
function documentedParameters(): Iterable<string> {
  return Object.keys(readFile('functions/.env.example'));
}

/** A blank value is none, as for the functions: an example file that was copied has many. */
function pick(given: Variables, names: readonly string[]): Record<string, string> {
  const set = names.flatMap((name) => {
    const value = given[name];
    return value?.trim() ? [[name, value] as const] : [];
  });
  return Object.fromEntries(set);
}

function readFile(path: string): Variables {
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
}
