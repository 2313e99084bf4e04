import type { Auth, DecodedIdToken } from 'firebase-admin/auth';
import { authCode, openAuth } from '../auth';
import { AnonymousUser, EmailNotVerified, Unauthentic, Unavailable } from '../errors';
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
 * @param allowsAnonymous whether a user without any way to sign in again is let in.
 * @throws Unauthentic when there is no valid token of this project.
 * @throws EmailNotVerified when an account with a password has not proven its address.
 * @throws AnonymousUser when the user is anonymous and may not be.
 */
export async function authenticate(
  authorization: string | undefined,
  { allowsAnonymous = true }: { readonly allowsAnonymous?: boolean } = {},
): Promise<Caller> {
  const auth = await openAuth();
  const claims = await claimsOf(auth, authorization);
  if (await hasUnprovenPassword(auth, claims)) {
    throw new EmailNotVerified('Verify your e-mail address first.');
  }
  if (!allowsAnonymous && isAnonymous(claims)) {
    throw new AnonymousUser('An anonymous user may not pay here; sign up first.');
  }
  return { uid: claims.uid, regCountry: countryOf(claims['reg_country']) };
}

/** A person who is signed in with a proven e-mail address, and the role that the token claims. */
export interface SignedIn {
  readonly uid: string;
  readonly email: string;
  /** The custom claim `staff`. It says nothing yet: see `http/staff.ts`. */
  readonly staffClaim: unknown;
}

/**
 * Reads the token of a call of the staff, as `authenticate` does.
 * @throws Unauthentic when there is no valid token of this project.
 * @throws AnonymousUser when the account has no e-mail address.
 * @throws EmailNotVerified when it is not proven.
 */
export async function authenticateStaff(authorization: string | undefined): Promise<SignedIn> {
  const claims = await claimsOf(await openAuth(), authorization);
  const { uid, email } = claims;
  if (!email) throw new AnonymousUser('Sign in with the e-mail address of a staff member.');
  if (claims.email_verified !== true) {
    throw new EmailNotVerified('Verify your e-mail address first.');
  }
  return { uid, email, staffClaim: claims['staff'] };
}

async function claimsOf(auth: Auth, authorization: string | undefined): Promise<DecodedIdToken> {
  const token = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new Unauthentic('Sign in first.');
  return auth.verifyIdToken(token, true).catch((error: unknown) => {
    throw toRefusal(error);
  });
}

/** The ways to sign in without a provider that vouches for the user's e-mail address. */
const ownProviders = new Set(['anonymous', 'password', 'phone']);

/** The names in a token's `identities` that are no providers. */
const contacts = new Set(['email', 'phone']);

/**
 * Whether the account has a password and an unproven e-mail address. The provider in
 * the token is the one of the sign-in: a user who was anonymous and has set a password since then
 * still gets tokens of the provider `anonymous`. A token names no password, so the account is read
 * where the address may also come from another provider.
 */
async function hasUnprovenPassword(auth: Auth, claims: DecodedIdToken): Promise<boolean> {
  const { sign_in_provider: provider } = claims.firebase;
  const names = identitiesOf(claims);
  const hasEmail = claims.email !== undefined || names.includes('email');
  if (claims.email_verified === true || !(hasEmail || provider === 'password')) return false;
  if (ownProviders.has(provider) && names.every((name) => contacts.has(name))) return true;
  const { providerData, emailVerified } = await auth.getUser(claims.uid).catch((error: unknown) => {
    throw toRefusal(error);
  });
  return !emailVerified && providerData.some(({ providerId }) => providerId === 'password');
}

/** The providers and contacts of the account; tokens may leave them out. */
function identitiesOf({ firebase }: { readonly firebase: { identities?: object } }): string[] {
  return Object.keys(firebase.identities ?? {});
}

/** Whether the account has no identity at all. One that was linked to the sign-in since then counts. */
function isAnonymous(claims: DecodedIdToken): boolean {
  const { firebase, email, phone_number: phone } = claims;
  const isLinked = identitiesOf(claims).length > 0;
  return firebase.sign_in_provider === 'anonymous' && !isLinked && !email && !phone;
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
