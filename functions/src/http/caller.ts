import { authCode, openAuth } from '../auth';
import { EmailNotVerified, Unauthentic, Unavailable } from '../errors';
import { countryOf } from './country';

/** The caller. Identity comes from the Firebase ID token alone. */
export interface Caller {
  readonly uid: string;
  /**
   * Where the account was registered, ISO 3166-1 alpha-2: the custom claim `reg_country`, which an
   * operator sets at sign-up through the Admin SDK. Null where it is not set or not such a code.
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
    throw toRefusal(error);
  });
  if (claims.firebase.sign_in_provider === 'password' && claims.email_verified !== true) {
    throw new EmailNotVerified('Verify your e-mail address first.');
  }
  return { uid: claims.uid, regCountry: countryOf(claims['reg_country']) };
}

/** The codes of the Admin SDK for a fault of the token or its user. */
const tokenCodes = new Set([
  'auth/id-token-expired',
  'auth/id-token-revoked',
  'auth/invalid-id-token',
  'auth/user-disabled',
  'auth/user-not-found',
]);

/**
 * How the SDK's message about a faulty token begins under `auth/argument-error`. The SDK uses the
 * same code when it could not fetch Google's keys. The words may change with the SDK, so a test
 * compares them with it; an unknown message counts as our fault.
 */
const tokenMessage =
  /^(Firebase ID token has |Decoding Firebase ID token failed|verifyIdToken\(\) )/;

/** Only a fault of the token is a 401, because the app signs its user out on a 401. */
function toRefusal(error: unknown): Error {
  const code = authCode(error);
  const isTokenFault =
    tokenCodes.has(code) ||
    (code === 'auth/argument-error' && tokenMessage.test((error as Error).message));
  return isTokenFault
    ? new Unauthentic('The token is not valid here.', { cause: error })
    : new Unavailable('The token could not be checked.', { cause: error });
}
