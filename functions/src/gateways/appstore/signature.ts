import {
  Environment,
  SignedDataVerifier,
  VerificationException,
  VerificationStatus,
} from '@apple/app-store-server-library';
import { z } from 'zod';
import { Misconfigured, Unauthentic, Unavailable } from '../../errors';
import type { WebhookRequest } from '../../gateway';
import { parseJson } from '../../json';
import type { AppStoreConfig } from './config';

/** Apple's verifiers, one for each environment that the deployment accepts. */
export interface Verifiers {
  readonly all: readonly SignedDataVerifier[];
  /** The bundle id of our app. */
  readonly bundleId: string;
  /** Its number at Apple. The sandbox needs none. */
  readonly appAppleId: number | undefined;
}

const hasDate = z.object({ signedDate: z.int() });

/**
 * Apple's verifier, without its check of the types of all fields. That check comes before the
 * signature's, so a new form of a field that we do not even read would make a genuine notification
 * look forged. The schemas of `events.ts` check the fields that we read.
 */
class Verifier extends SignedDataVerifier {
  protected override verifyJWT<T>(
    jws: string,
    _fields: unknown,
    signedDateOf: (decoded: T) => Date,
  ): Promise<T> {
    const isObject = (decoded: unknown): decoded is T =>
      typeof decoded === 'object' && decoded !== null;
    return super.verifyJWT<T>(jws, { validate: isObject }, (decoded) =>
      hasDate.safeParse(decoded).success ? signedDateOf(decoded) : new Date(),
    );
  }
}

/**
 * Opens Apple's own verifiers. They work offline: they check the chain of certificates up to our
 * root, the signature and the app. A certificate must be valid at the time of the signature, so a
 * notification that is months old still passes.
 *
 * The environments are fixed in code, because the library checks no signature for some others. A
 * live deployment accepts the sandbox too, because the stores' reviewers buy there. A test
 * deployment never accepts the real store.
 */
export function openVerifiers({ mode, bundleId, appAppleId, root }: AppStoreConfig): Verifiers {
  const environments =
    mode === 'live' ? [Environment.PRODUCTION, Environment.SANDBOX] : [Environment.SANDBOX];
  const all = environments.map(
    (environment) => new Verifier([root], false, environment, bundleId, appAppleId),
  );
  return { all, bundleId, appAppleId };
}

const envelope = z.object({ signedPayload: z.string() });

/**
 * Checks the signature of a notification.
 * @returns the notification. The purchase in it is signed on its own: see `checkTransaction`.
 * @throws Unauthentic unless Apple signed it, for this app, in an environment we accept.
 * @throws Misconfigured when Apple signed it for our app by one of its two ids, and the other is set wrong.
 */
export function checkSignature({ body }: WebhookRequest, verifiers: Verifiers): Promise<unknown> {
  return checkNotification(readSignedPayload(body), verifiers);
}

/** Checks a notification without the envelope of its request. Throws as `checkSignature`. */
export function checkNotification(jws: string, verifiers: Verifiers): Promise<unknown> {
  return verify(
    jws,
    verifiers,
    (verifier) => verifier.verifyAndDecodeNotification(jws),
    () => {
      throwIfHalfOurs(jws, verifiers);
    },
  );
}

/**
 * Checks the signature of a purchase, as StoreKit gives it to the app.
 * @returns the purchase.
 * @throws Unauthentic unless Apple signed it, for this app, in an environment we accept.
 */
export function checkTransaction(jws: string, verifiers: Verifiers): Promise<unknown> {
  return verify(jws, verifiers, (verifier) => verifier.verifyAndDecodeTransaction(jws));
}

/** The signature does not cover the envelope, so a malformed envelope proves nothing. */
function readSignedPayload(body: Buffer): string {
  const { data } = envelope.safeParse(parseJson(body.toString('utf8')));
  if (data === undefined) throw new Unauthentic('There is no signed payload.');
  return data.signedPayload;
}

const notification = z.object({
  data: z.object({
    bundleId: z.string(),
    appAppleId: z.number(),
    environment: z.literal('Production'),
  }),
});

/**
 * Only our app has one of our two ids at Apple, so no other app of the real store can come here.
 * @param jws data that Apple has signed.
 */
function throwIfHalfOurs(jws: string, { bundleId, appAppleId }: Verifiers): void {
  const payload = Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8');
  const app = notification.safeParse(parseJson(payload)).data?.data;
  if (app?.bundleId === bundleId) {
    throw new Misconfigured(
      'APPSTORE_APP_APPLE_ID is not the number of our app at Apple: App Store Connect shows it as Apple ID.',
    );
  }
  if (app !== undefined && app.appAppleId === appAppleId) {
    throw new Misconfigured(
      'APPSTORE_BUNDLE_ID is not the bundle id of our app, whose number APPSTORE_APP_APPLE_ID is: App Store Connect shows both.',
    );
  }
}

/**
 * Asks the verifier of each environment in turn until one of them accepts or refuses.
 * @param onOtherApp called when Apple's signature is right, and the app is not ours by its ids.
 */
async function verify(
  jws: string,
  { all }: Verifiers,
  decode: (verifier: SignedDataVerifier) => Promise<unknown>,
  onOtherApp: () => void = () => undefined,
): Promise<unknown> {
  if (!isCompact(jws)) throw new Unauthentic('There is no signed data.');
  let isOfAnotherApp = false;
  for (const verifier of all) {
    try {
      return await decode(verifier);
    } catch (error) {
      if (!isOfAnotherEnvironment(error)) throw toError(error);
      isOfAnotherApp ||= error.status === VerificationStatus.INVALID_APP_IDENTIFIER;
    }
  }
  if (isOfAnotherApp) onOtherApp();
  throw new Unauthentic('It was signed for another app or environment.');
}

/**
 * Whether the text is three parts of base64url in their only canonical spelling. Decoders ignore
 * unused bits, so one signature would otherwise have several texts.
 */
function isCompact(jws: string): boolean {
  const parts = jws.split('.');
  return (
    parts.length === 3 &&
    parts.every(
      (part) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part,
    )
  );
}

/**
 * The library checks the signature first, so it was right. A sandbox notification without the app's
 * number gets the status of another app's notification.
 */
function isOfAnotherEnvironment(error: unknown): error is VerificationException {
  return (
    error instanceof VerificationException &&
    (error.status === VerificationStatus.INVALID_ENVIRONMENT ||
      error.status === VerificationStatus.INVALID_APP_IDENTIFIER)
  );
}

function toError(error: unknown): unknown {
  if (!(error instanceof VerificationException)) return error;
  if (error.status === VerificationStatus.RETRYABLE_VERIFICATION_FAILURE) {
    return new Unavailable('A certificate could not be checked.');
  }
  return new Unauthentic(`Apple did not sign it: ${VerificationStatus[error.status]}.`);
}
