import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { OpsFailure } from './client.ts';

/** Where Firebase Authentication answers. */
const GOOGLE = 'https://identitytoolkit.googleapis.com';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/**
 * Signs in with an e-mail address and a password. The token is kept in memory only, and is good for an
 * hour.
 * @throws OpsFailure with the next step.
 */
export async function signIn(
  { email, password }: Credentials,
  key: string,
  base: string = GOOGLE,
): Promise<string> {
  const url = `${base}/v1/accounts:signInWithPassword?key=${encodeURIComponent(key)}`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password, returnSecureToken: true }),
  }).catch(() => {
    throw new OpsFailure('Firebase Authentication cannot be reached: check the network.');
  });
  const body = (await response.json()) as {
    readonly idToken?: string;
    readonly mfaPendingCredential?: string;
    readonly error?: { readonly message?: string };
  };
  if (body.idToken !== undefined) return body.idToken;
  if (body.mfaPendingCredential !== undefined) {
    throw new OpsFailure('This account has a second factor, which this command cannot ask for.');
  }
  throw new OpsFailure(adviceOn(body.error?.message ?? ''));
}

function adviceOn(code: string): string {
  if (/API key|API_KEY/i.test(code)) {
    return 'FIREBASE_API_KEY is not valid: copy it from the Firebase console, Project settings, Web API key.';
  }
  if (/EMAIL_NOT_FOUND|INVALID_PASSWORD|INVALID_LOGIN|INVALID_EMAIL/.test(code)) {
    return 'The e-mail address or the password is wrong: check OPS_EMAIL and OPS_PASSWORD.';
  }
  if (code.includes('USER_DISABLED')) {
    return 'This account is disabled: enable it in the Firebase console, Authentication.';
  }
  if (code.includes('PASSWORD_LOGIN_DISABLED') || code.includes('OPERATION_NOT_ALLOWED')) {
    return 'Signing in with a password is off: enable it in the Firebase console, Authentication, Sign-in method.';
  }
  if (code.includes('TOO_MANY_ATTEMPTS')) return 'Too many tries: wait some minutes.';
  return 'Firebase Authentication did not sign you in. Repeat it in a minute.';
}

/**
 * Who signs in: by OPS_EMAIL and OPS_PASSWORD, or asked for; the password is not shown.
 * @throws OpsFailure where neither is given and there is no terminal to ask on.
 */
export async function askForCredentials(): Promise<Credentials> {
  const email = process.env['OPS_EMAIL'] ?? (await ask('E-mail address: ', true));
  const password = process.env['OPS_PASSWORD'] ?? (await ask('Password: ', false));
  return { email, password };
}

async function ask(question: string, isShown: boolean): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new OpsFailure('There is no terminal to ask on: set OPS_EMAIL and OPS_PASSWORD.');
  }
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const output = isShown ? process.stderr : silent;
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  try {
    if (!isShown) process.stderr.write(question);
    return (await terminal.question(isShown ? question : '')).trim();
  } finally {
    terminal.close();
    if (!isShown) process.stderr.write('\n');
  }
}
