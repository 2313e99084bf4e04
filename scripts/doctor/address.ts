import { z } from 'zod';
import type { GoogleClient } from '../google/client.ts';
import { deployedUrl } from '../stack/values.ts';
import type { Finding } from './examine.ts';

/** Where the webhooks of a project are. */
export interface Site {
  readonly project: string;
  /** A domain of the operator's own, which Hosting serves. */
  readonly domain: string | undefined;
  readonly google: GoogleClient;
}

const ours = z.object({ errorName: z.literal('MethodNotAllowedException') });

/**
 * Asks a webhook with GET, which our functions answer with 405 and no other server in these words.
 * @returns undefined where our function answers at an address of this project.
 */
export async function faultOfAddress(
  { project, domain, google }: Site,
  name: string,
  url: string,
): Promise<Pick<Finding, 'state' | 'words'> | undefined> {
  const answer = await google.open(url).catch(() => undefined);
  const body: unknown = await answer?.json().catch(() => undefined);
  if (answer?.status !== 405 || !ours.safeParse(body).success) {
    const heard = answer === undefined ? 'nothing answers' : `the answer is ${answer.status}`;
    return { state: 'wrong', words: `is registered at ${url}, where ${heard}: no event arrives` };
  }
  const hosts = [`${project}.web.app`, `${project}.firebaseapp.com`, domain];
  if (url === `${deployedUrl(project)}/${name}` || hosts.includes(new URL(url).host)) {
    return undefined;
  }
  const words = `is registered at ${url}, which may be another project's: name its domain with --domain`;
  return { state: 'unseen', words };
}
