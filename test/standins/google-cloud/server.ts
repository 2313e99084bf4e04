import { Metadata } from '../google/metadata.ts';
import { listen, type Handler, type Listener, type Reply } from '../http.ts';
import { refuse } from './answers.ts';
import { Deployment } from './deployment.ts';
import { Monitoring } from './monitoring.ts';

/** What a test arranges and sees. */
export interface GoogleCloudControl {
  readonly monitoring: Monitoring;
  readonly deployment: Deployment;
  /** The user who asks has no right to call this host. */
  deny(host: string): void;
  /** The API of this host is not switched on in the project. */
  disable(host: string): void;
}

export interface GoogleCloudStandin extends Listener {
  readonly control: GoogleCloudControl;
  /** The variables that lead a script here instead of to Google. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts the stand-in for the APIs that a project is set up and looked at with. The host that is meant is
 * the first part of the path. It knows its callers by the tokens of its own metadata server.
 */
export async function startGoogleCloud(project: string): Promise<GoogleCloudStandin> {
  const metadata = new Metadata(project, Date.now);
  const monitoring = new Monitoring(project);
  const deployment = new Deployment(project);
  const denied = new Set<string>();
  const disabled = new Set<string>();
  const handler: Handler = (call): Reply => {
    if (Metadata.serves(call)) return metadata.answer(call);
    const [, host = '', ...rest] = call.path.split('/');
    if (!host.endsWith('.googleapis.com')) return deployment.visit(host, `/${rest.join('/')}`);
    if (!metadata.accepts(call.headers.authorization)) {
      return refuse(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    }
    if (disabled.has(host)) {
      const message = `${host} has not been used in project ${project} before or it is disabled.`;
      return refuse(403, 'PERMISSION_DENIED', message, { reason: 'SERVICE_DISABLED' });
    }
    if (denied.has(host)) {
      const info = { reason: 'IAM_PERMISSION_DENIED' };
      return refuse(403, 'PERMISSION_DENIED', 'The caller does not have permission', info);
    }
    const path = `/${rest.join('/')}`;
    if (Monitoring.serves(host)) return monitoring.answer(call, path);
    return deployment.answer(host, call, path) ?? { status: 404, body: '' };
  };
  const listener = await listen(handler);
  const { origin } = listener;
  return {
    ...listener,
    control: {
      monitoring,
      deployment,
      deny: (host) => void denied.add(host),
      disable: (host) => void disabled.add(host),
    },
    environment: {
      GOOGLE_APIS_ORIGIN: origin,
      GCE_METADATA_HOST: new URL(origin).host,
      METADATA_SERVER_DETECTION: 'assume-present',
      CLOUDSDK_CONFIG: '/nowhere',
      GOOGLE_APPLICATION_CREDENTIALS: '',
    },
  };
}
