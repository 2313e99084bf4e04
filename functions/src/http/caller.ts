import { EmailNotVerified, Unauthentic, Unavailable } from '../errors';
import { openApp } from '../firestore';
import { once } from '../once';

/** Who calls: identity comes from the Firebase ID token alone. */
export interface Caller {
  readonly uid: string;
}

/** Loaded by the calls of apps only; no webhook needs it. */
const openAuth = once(async () => {
  const { getAuth } = await import('firebase-admin/auth');
  return getAuth(openApp());
});

/**
 * Reads `Authorization: Bearer <Firebase ID token>`; a revoked token and a disabled user are
 * refused at once, not when the token runs out.
 * @throws Unauthentic when there is no valid token of this project.
 * @throws EmailNotVerified when a password account has not proven its address.
 */
export async function authenticate(authorization: string | undefined): Promise<Caller> {
  const token = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new Unauthentic('Sign in first.');
  const auth = await openAuth();
  const claims = await auth.verifyIdToken(token, true).catch((error: unknown) => {
    throw refused(error);
  });
  if (claims.firebase.sign_in_provider === 'password' && claims.email_verified !== true) {
    throw new EmailNotVerified('Verify your e-mail address first.');
  }
  return { uid: claims.uid };
}

/** Codes of the Admin SDK that speak of its connection, not of the token. */
const unreachable = new Set(['auth/internal-error', 'auth/network-request-failed']);

function refused(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('auth/') || unreachable.has(code)) {
    return new Unavailable('The token could not be checked.', { cause: error });
  }
  return new Unauthentic('The token is not valid here.', { cause: error });
}
