import { createHash } from 'node:crypto';
import { configureProject, configureStack } from '../reconcile/configuration.ts';
import { deployedUrl, functionsUrl, origin, ports } from '../stack/values.ts';
import { openClient, OpsFailure, type OpsClient } from './client.ts';
import { askForCredentials, signIn } from './sign-in.ts';
import { openStaffDesk, staffCommand } from './staff.ts';

const DOWN = 'The stack is not up: npm run stack. For a project, set GOOGLE_CLOUD_PROJECT.';

/**
 * Configures this process for the stack, or for a project.
 * @throws OpsFailure when the stack is not up.
 */
export async function configure(project: string | undefined): Promise<void> {
  if (project !== undefined) {
    configureProject(project);
    return;
  }
  configureStack();
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  process.env['FIREBASE_AUTH_EMULATOR_HOST'] = new URL(origin(ports.auth)).host;
  if (!(await fetch(origin(ports.auth)).then(Boolean, () => false))) throw new OpsFailure(DOWN);
}

/** Signs in at the stack, or at a project. @throws OpsFailure with the next step. */
export async function connect(project: string | undefined): Promise<OpsClient> {
  if (project === undefined) return connectToStack();
  const key = process.env['FIREBASE_API_KEY'];
  if (!key) {
    throw new OpsFailure(
      'FIREBASE_API_KEY is missing: copy it from the Firebase console, Project settings, Web API key.',
    );
  }
  const token = await signIn(await askForCredentials(), key);
  return openClient(
    deployedUrl(project),
    token,
    `The functions of ${project} cannot be reached: check the network.`,
  );
}

/** The stack has an admin of its own, who is made on the first use. */
async function connectToStack(): Promise<OpsClient> {
  const email = 'ops@stack.example.com';
  // Good on this machine alone: the emulator keeps no secret.
  const password = createHash('sha256').update(email).digest('hex');
  const auth = `${origin(ports.auth)}/identitytoolkit.googleapis.com`;
  const desk = await openStaffDesk();
  await desk.auth.createUser({ email, password, emailVerified: true }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'auth/email-already-exists') throw error;
  });
  await staffCommand(['add', email, 'admin'], desk);
  return openClient(functionsUrl, await signIn({ email, password }, 'local', auth), DOWN);
}
