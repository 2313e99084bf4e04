import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { openGoogle } from '../google/client.ts';
import { readDatabase } from '../stack/values.ts';
import { examineDeployed, type Wanted } from './deployed.ts';
import type { Examined } from './examine.ts';
import { expectedFunctions } from './expected.ts';
import { examineVendors } from './vendors.ts';

const load = createRequire(import.meta.url);

/**
 * Looks at a project, and at those that it works with, as this process is configured for it.
 * @param on the gateways that are deployed.
 * @param domain one of the operator's own that gateways call.
 */
export async function examineProject(
  project: string,
  on: readonly string[],
  domain: string | undefined,
): Promise<readonly Examined[]> {
  const { version } = JSON.parse(readFileSync('functions/package.json', 'utf8')) as {
    version: string;
  };
  const google = openGoogle();
  const deployed = examineDeployed(google, {
    project,
    domain,
    isClosed: process.env['FUNCTIONS_INGRESS'] === 'ALLOW_INTERNAL_AND_GCLB',
    version,
    mode: process.env['PAYMENTS_MODE'] ?? '',
    database: readDatabase(),
    functions: expectedFunctions(on),
    push: on.includes('googleplay') ? readPush() : undefined,
    now: new Date(),
  });
  return [...(await deployed), ...(await examineVendors(on, { project, domain, google }))];
}

/** A setting that is wrong is said where the settings are; the subscription then fits none. */
function readPush(): Wanted['push'] {
  const config = load(resolve('functions/lib/gateways/googleplay/config.js')) as {
    readPushConfig(): NonNullable<Wanted['push']>;
  };
  try {
    return config.readPushConfig();
  } catch {
    return { audience: '', sender: '' };
  }
}
