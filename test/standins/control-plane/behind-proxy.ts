import type { Call, Handler, Reply } from '../http.ts';
import { ok, Refused } from './answers.ts';
import { apisOf } from './apis.ts';
import { uploadApi } from './functions.ts';
import { hostingUploadApi } from './hosting.ts';
import { CloudProject } from './project.ts';
import { startHostProxy } from './proxy.ts';
import { putRules } from './rules.ts';

/** How the stand-in is started. */
export interface ProxiedOptions {
  /** The id of the project. */
  project: string;
  /** Service accounts that the project has beside Google's default ones. */
  accounts?: readonly string[];
  /** The rules of Firestore that are in force at first. */
  rules: string;
}

export interface ProxiedGoogle {
  /** For `HTTPS_PROXY`: every host is then played by the stand-in, and nothing outside is reached. */
  readonly proxy: string;
  /** The authority that its certificates come from, as PEM. */
  readonly authority: string;
  /** Of a user who has signed in and may do everything. */
  readonly refreshToken: string;
  readonly project: CloudProject;
  /** The calls that changed something since it was last asked, such as `POST /v1/projects/…`. */
  changes(): string[];
  /** The calls that no part of it plays: a test that meets one has outgrown it. */
  readonly strange: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts the stand-in for the control plane of Google Cloud and Firebase, with one project, for a program
 * that has Google's addresses built in.
 */
export async function startBehindProxy(options: ProxiedOptions): Promise<ProxiedGoogle> {
  const project = new CloudProject(options.project, options.accounts);
  putRules(project, options.rules);
  const apis = apisOf(project);
  const upload = uploadApi(project);
  const hostingUpload = hostingUploadApi(project);
  const tokens = new Set<string>();
  const changes: string[] = [];
  const strange: string[] = [];
  const reply = (host: string, call: Call): Reply | undefined => {
    if (host === 'www.googleapis.com') return issueToken(call, tokens);
    // The CLI asks whether a newer version is published, and goes on without an answer.
    if (host === 'registry.npmjs.org') return { status: 503 };
    // The address of an upload is signed, and asks for no token.
    if (host === 'storage.googleapis.com') return upload(call);
    const token = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1] ?? '';
    if (!tokens.has(token)) throw new Refused('UNAUTHENTICATED', 'The access token is not valid.');
    if (host === 'upload-firebasehosting.googleapis.com') return hostingUpload(call);
    return apis.get(host)?.(call);
  };
  const handler: Handler = (call) => {
    const host = (call.headers.host ?? '').replace(/:\d+$/, '');
    const line = `${call.method} ${host}${call.path}`;
    try {
      const answer = reply(host, call);
      if (answer === undefined) {
        strange.push(line);
        throw new Refused('NOT_FOUND', `The stand-in does not play ${line}.`);
      }
      if (changesSomething(call)) changes.push(line);
      return answer;
    } catch (error) {
      if (error instanceof Refused) return error.toReply();
      throw error;
    }
  };
  const proxy = await startHostProxy(handler);
  return {
    proxy: proxy.url,
    authority: proxy.authority,
    refreshToken: REFRESH_TOKEN,
    project,
    changes: () => changes.splice(0),
    strange,
    stop: () => proxy.stop(),
  };
}

const REFRESH_TOKEN = '1//standin';

/** https://developers.google.com/identity/protocols/oauth2/native-app#offline; the CLI sends a form. */
function issueToken({ path, body }: Call, tokens: Set<string>): Reply | undefined {
  if (path !== '/oauth2/v3/token') return undefined;
  const isKnown = [REFRESH_TOKEN, 'refresh_token'].every((value) =>
    body.includes(`\r\n\r\n${value}\r\n`),
  );
  if (!isKnown) return { status: 400, body: { error: 'invalid_grant' } };
  const token = `ya29.standin-${tokens.size + 1}`;
  tokens.add(token);
  return ok({ access_token: token, expires_in: 3_599, token_type: 'Bearer', scope: '' });
}

/** Whether a call was more than a question. A token, an address to upload to or an API are not the project's. */
function changesSomething({ method, path }: Call): boolean {
  const asks =
    /\/token$|:(testIamPermissions|getIamPolicy|test|generateUploadUrl|enable|generateServiceIdentity)$/;
  return method !== 'GET' && !asks.test(path);
}
