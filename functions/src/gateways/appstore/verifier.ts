import {
  Environment,
  SignedDataVerifier,
  VerificationException,
  VerificationStatus,
} from '@apple/app-store-server-library';
import { Malformed, Unauthentic, Unavailable, Unusable } from '../../errors';
import type { AppConfig } from './config';
import {
  parseNotification,
  parseTransaction,
  type AppStoreEvent,
  type Notification,
  type Transaction,
} from './events';

/**
 * Proves what the App Store has signed, by Apple's own library and offline: the chain of
 * certificates up to the one we trust, the signature, the app. A certificate is held against the
 * time of the signature, so that a notification of months ago can still be proven.
 *
 * The environments are fixed in code: for some others the library checks no signature at all. A
 * live deployment hears the sandbox too, for the stores' reviewers buy there; a test deployment
 * never hears the real store.
 */
export class Verifier {
  readonly #verifiers: readonly SignedDataVerifier[];

  constructor({ mode, bundleId, appAppleId, root }: AppConfig) {
    const heard =
      mode === 'live' ? [Environment.PRODUCTION, Environment.SANDBOX] : [Environment.SANDBOX];
    this.#verifiers = heard.map(
      (environment) => new SignedDataVerifier([root], false, environment, bundleId, appAppleId),
    );
  }

  /**
   * A purchase, as StoreKit gives it to the app.
   * @throws Unauthentic unless Apple has signed it, for this app, in an environment we hear.
   * @throws Malformed when Apple has, and it is no transaction.
   */
  async transaction(jws: string): Promise<Transaction> {
    const verified = await this.#first(jws, (verifier) => verifier.verifyAndDecodeTransaction(jws));
    return parseTransaction(verified);
  }

  /**
   * A notification, and the purchase in it, which Apple signs on its own.
   * @param about whether the purchase matters for a notification of this type.
   * @throws Unauthentic, Malformed as `transaction`, of the notification: once that is proven, it
   *   must not be lost for what is in it.
   */
  async notification(jws: string, about: (type: string) => boolean): Promise<AppStoreEvent> {
    const verified = parseNotification(
      await this.#first(jws, (verifier) => verifier.verifyAndDecodeNotification(jws)),
    );
    const { notificationUUID: id, notificationType: type } = verified;
    return { id, type, transaction: about(type) ? await this.#transactionIn(verified) : null };
  }

  async #transactionIn({ data }: Notification): Promise<AppStoreEvent['transaction']> {
    if (data?.signedTransactionInfo === undefined) return null;
    try {
      const transaction = await this.transaction(data.signedTransactionInfo);
      if (transaction.environment === data.environment) return transaction;
      return new Unusable('The purchase is from another environment than its notification.');
    } catch (error) {
      if (!(error instanceof Malformed || error instanceof Unauthentic)) throw error;
      return new Unusable(`The purchase in a notification: ${error.message}`, { cause: error });
    }
  }

  /** What the verifier of one of our environments makes of it. */
  async #first<T>(jws: string, verify: (verifier: SignedDataVerifier) => Promise<T>): Promise<T> {
    if (!isCompact(jws)) throw new Unauthentic('There is no signed data.');
    for (const verifier of this.#verifiers) {
      try {
        return await verify(verifier);
      } catch (error) {
        if (!isOfAnotherEnvironment(error)) throw refused(error);
      }
    }
    throw new Unauthentic('It was signed for another app or environment.');
  }
}

/**
 * Three parts of base64url, each spelt the one way there is: decoders overlook bits that stand for
 * nothing, and one signature must not have several texts.
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
 * The signature was right by then: the library checks it first. A sandbox notification without the
 * app's number is told as that of another app.
 */
function isOfAnotherEnvironment(error: unknown): boolean {
  return (
    error instanceof VerificationException &&
    (error.status === VerificationStatus.INVALID_ENVIRONMENT ||
      error.status === VerificationStatus.INVALID_APP_IDENTIFIER)
  );
}

function refused(error: unknown): unknown {
  if (!(error instanceof VerificationException)) return error;
  if (error.status === VerificationStatus.RETRYABLE_VERIFICATION_FAILURE) {
    return new Unavailable('A certificate could not be checked.');
  }
  return new Unauthentic(`Apple did not sign it: ${VerificationStatus[error.status]}.`);
}
