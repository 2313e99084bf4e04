import { FirebaseError } from 'firebase/app';
import { CallFailed, UserChanged } from './calls.js';

const WRONG = 'The e-mail address or the password is wrong.';

/** @type {Readonly<Record<string, string>>} by the code of Firebase Authentication */
const signInFailures = {
  'auth/email-already-in-use': 'There is an account with this e-mail address: sign in.',
  'auth/expired-action-code': 'This link is too old: have a new e-mail sent.',
  'auth/invalid-action-code': 'This link was used already: have a new e-mail sent.',
  'auth/invalid-credential': WRONG,
  'auth/invalid-email': 'This is no e-mail address.',
  'auth/missing-email': 'Type your e-mail address first.',
  'auth/missing-password': 'Type your password, too.',
  'auth/network-request-failed': 'The sign-in cannot be reached from here. Try again.',
  'auth/too-many-requests': 'Too many tries. Wait a few minutes.',
  'auth/user-disabled': 'This account is closed.',
  'auth/user-not-found': 'There is no account with this e-mail address.',
  'auth/user-token-expired': 'You were signed out. Sign in again.',
  'auth/weak-password': 'The password needs six characters at least.',
  'auth/wrong-password': WRONG,
};

/** @type {Readonly<Record<string, string>>} by the name of the error, as the functions answer it */
const callFailures = {
  AccountOnHoldException: 'This account is on hold.',
  AnonymousUserException: 'A guest cannot pay here: create an account first.',
  EmailNotVerifiedException: 'Open the link in the e-mail we sent you.',
  GatewayClosedException: 'This way to pay is closed: choose another one.',
  InternalServerErrorException: 'Something went wrong in the shop. Try again later.',
  ServiceUnavailableException: 'The shop is busy. Try again in a minute.',
  UnauthorizedException: 'You were signed out. Sign in again.',
};

/**
 * How something went wrong, for the user; undefined where there is nothing to say.
 * @param {unknown} error
 */
export function inWords(error) {
  if (error instanceof UserChanged) return undefined;
  if (error instanceof FirebaseError) {
    return signInFailures[error.code] ?? `The sign-in failed (${error.code}). Try again.`;
  }
  if (error instanceof CallFailed) return ofCall(error);
  return error instanceof Error ? error.message : String(error);
}

/** @param {CallFailed} failure */
function ofCall({ errorName, resetAt, message }) {
  if (resetAt !== undefined) {
    return `Too many unpaid payments. Try again at ${resetAt.toLocaleTimeString()}.`;
  }
  return callFailures[errorName] ?? message;
}
