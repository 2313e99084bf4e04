import { Unavailable } from './errors';
import { once } from './once';

/** Opens Firebase Authentication. Only calls of apps load it; no webhook does. */
export const openAuth = once(async () => {
  const { getApps, initializeApp } = await import('firebase-admin/app');
  const { getAuth } = await import('firebase-admin/auth');
  return getAuth(getApps()[0] ?? initializeApp());
});

/** The code of an error of the Admin SDK, such as `auth/user-not-found`. */
export function authCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/**
 * Deletes a user. From then on the user has no valid token. A missing user counts as deleted.
 * @throws Unavailable when Firebase does not delete the user.
 */
export async function deleteUser(uid: string): Promise<void> {
  const auth = await openAuth();
  await auth.deleteUser(uid).catch((error: unknown) => {
    if (authCode(error) === 'auth/user-not-found') return;
    throw new Unavailable('The user could not be deleted.', { cause: error });
  });
}

/**
 * Whether there is an account with this uid.
 * @throws Unavailable when Firebase does not answer.
 */
export async function hasUser(uid: string): Promise<boolean> {
  const auth = await openAuth();
  try {
    return (await auth.getUser(uid)).uid === uid;
  } catch (error) {
    if (authCode(error) === 'auth/user-not-found') return false;
    throw new Unavailable('The user could not be looked up.', { cause: error });
  }
}

/**
 * The uid of the account with this e-mail address; undefined where there is none.
 * @throws Unavailable when Firebase does not answer.
 */
export async function findUid(email: string): Promise<string | undefined> {
  const auth = await openAuth();
  try {
    return (await auth.getUserByEmail(email)).uid;
  } catch (error) {
    const code = authCode(error);
    if (code === 'auth/user-not-found' || code === 'auth/invalid-email') return undefined;
    throw new Unavailable('The user could not be looked up.', { cause: error });
  }
}
