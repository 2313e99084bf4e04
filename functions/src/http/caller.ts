import { authCode, openAuth } from '../auth';
import { EmailNotVerified, Unauthentic, Unavailable } from '../errors';
import { countryOf } from './country';

/** Who calls: identity comes from the Firebase ID token alone. */
export interface Caller {
  readonly uid: string;
  /**
   * Where the account was registered, ISO 3166-1 alpha-2: the custom claim `reg_country`, which an
   * operator sets at sign-up through the Admin SDK. Null where it is not set, or is no such code.
   */
  readonly regCountry: string | null;
}

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
  return { uid: claims.uid, regCountry: countryOf(claims['reg_country']) };
}

/** Codes of the Admin SDK that say something about the token or its user. */
const telling = new Set([
  'auth/id-token-expired',
  'auth/id-token-revoked',
  'auth/invalid-id-token',
  'auth/user-disabled',
  'auth/user-not-found',
]);

/**
 * How the SDK begins what it says of a token under `auth/argument-error`, a code it also gives to
 * whatever kept it from fetching Google's keys. Words it may change, so a test holds them to it; a
 * sentence that is not known here is nobody's fault but ours.
 */
const ofTheToken = /^(Firebase ID token has |Decoding Firebase ID token failed|verifyIdToken\(\) )/;

/** Only what speaks of the token is a 401: the app signs its user out for it. */
function refused(error: unknown): Error {
  const code = authCode(error);
  const isOfTheToken =
    telling.has(code) ||
    (code === 'auth/argument-error' && ofTheToken.test((error as Error).message));
  return isOfTheToken
    ? new Unauthentic('The token is not valid here.', { cause: error })
    : new Unavailable('The token could not be checked.', { cause: error });
}
