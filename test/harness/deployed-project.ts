import { examineDeployed, type Wanted } from '../../scripts/doctor/deployed.ts';
import { expectedFunctions } from '../../scripts/doctor/expected.ts';
import { GoogleClient } from '../../scripts/google/client.ts';
import { pushSettings } from '../../scripts/googleplay/plan.ts';
import { startGoogleCloud, type GoogleCloudStandin } from '../standins/google-cloud/server.ts';
import { linesOf } from './doctor.ts';

export const PROJECT = 'demo-deployed';
const REGION = 'us-central1';
const NOW = new Date('2026-11-30T10:00:00Z');
export const push = {
  audience: `https://${REGION}-${PROJECT}.cloudfunctions.net/googleplay-handleWebhookEvents`,
  sender: `push@${PROJECT}.iam.gserviceaccount.com`,
};

export type Deployed = GoogleCloudStandin['control']['deployment'];

export interface DeployedProject {
  readonly google: GoogleCloudStandin;
  /** What `npm run doctor -- --project` says of it, as `state name words → fix`. */
  lines(given?: Partial<Wanted>): Promise<string[]>;
}

/**
 * A project as a deployment leaves it. The environment must be a configured one.
 * @param database of Firestore, in which the deployment has put its indexes.
 */
export async function startDeployedProject(database = '(default)'): Promise<DeployedProject> {
  const google = await startGoogleCloud(PROJECT);
  const functions = expectedFunctions(['stripe', 'paypal', 'googleplay']);
  const wanted: Wanted = {
    project: PROJECT,
    domain: 'pay.example.com',
    isClosed: false,
    version: '1.2.3',
    mode: 'live',
    database,
    functions,
    push,
    now: NOW,
  };
  const { deployment } = google.control;
  deployment.database = database;
  deployment.deploy(
    functions.map(({ secrets, ...one }) => ({
      ...one,
      secrets: Object.fromEntries(secrets.map((key) => [key, '1'])),
    })),
    new Date(NOW.getTime() - 60_000),
  );
  deployment.health = { status: 200, body: { status: 'ok', version: '1.2.3', mode: 'live' } };
  const plan = {
    project: PROJECT,
    projectNumber: '1',
    endpoint: push.audience,
    sender: push.sender,
  };
  deployment.subscription = { name: 'push', ...pushSettings(plan) };
  return {
    google,
    async lines(given) {
      const token = await fetch(
        `${google.origin}/computeMetadata/v1/instance/service-accounts/default/token`,
        { headers: { 'metadata-flavor': 'Google' } },
      );
      const { access_token: accessToken } = (await token.json()) as { access_token: string };
      const headers = new Headers({ authorization: `Bearer ${accessToken}` });
      const client = new GoogleClient(async () => headers, google.origin);
      return linesOf(await examineDeployed(client, { ...wanted, ...given }));
    },
  };
}
