import { readFileSync } from 'node:fs';
import { deployedUrl } from '../stack/values.ts';

/** Where a deployment answers. */
export interface Place {
  readonly project: string;
  /** A domain of Firebase Hosting. */
  readonly domain: string;
}

/** The address that a gateway is given: on the domain where Hosting passes it on, else the function's own. */
export function webhookAddress(gateway: string, { project, domain }: Place): string {
  const name = `${gateway}-handleWebhookEvents`;
  const { hosting } = JSON.parse(readFileSync('firebase.json', 'utf8')) as {
    hosting: { rewrites: readonly { source: string; function: string }[] };
  };
  const isHosted = hosting.rewrites.some((rewrite) => rewrite.function === name);
  return isHosted ? `https://${domain}/api/${name}` : `${deployedUrl(project)}/${name}`;
}
