import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { createRemoteJWKSet } from 'jose/jwks/remote';
import { jwtVerify } from 'jose/jwt/verify';
import { APP_CHECK_TIMEOUT_MS, HOUR_MS } from '../config/limits';
import type { AppCheckConfig } from '../config/attestation';
import { AppUnattested, Unavailable } from '../errors';
import { projectId } from '../firestore/place';

/** `<issuer>/<project number>`. */
const issuer = /^https:\/\/firebaseappcheck\.googleapis\.com\/(\d+)$/;

/** Google's own SDK keeps the keys as long. A token with an unknown key makes jose fetch them again. */
const KEYS_LIFE_MS = 6 * HOUR_MS;

/** Proves that a call comes from an app of this Firebase project. */
export class AppCheck {
  readonly #appIds: readonly string[];
  readonly #project: string;
  readonly #keys: JWTVerifyGetKey;
  readonly #now: () => Date;

  constructor(config: AppCheckConfig, project: string, now: () => Date) {
    this.#appIds = config.appIds;
    this.#project = project;
    this.#now = now;
    this.#keys = createRemoteJWKSet(new URL(config.jwksUrl), {
      timeoutDuration: APP_CHECK_TIMEOUT_MS,
      cacheMaxAge: KEYS_LIFE_MS,
    });
  }

  /**
   * Verifies a token as firebase.google.com/docs/app-check/custom-resource-backend asks for.
   * @param token the header `X-Firebase-AppCheck`.
   * @throws AppUnattested when it is missing, expired, forged or another project's.
   * @throws Unavailable when Google's keys could not be fetched.
   */
  async check(token: string | string[] | undefined): Promise<void> {
    if (typeof token !== 'string' || token === '') {
      throw new AppUnattested('The header X-Firebase-AppCheck is missing.');
    }
    const claims = await this.#verify(token);
    const number = issuer.exec(claims.iss ?? '')?.[1];
    const isOurs = number !== undefined && claims.aud?.includes(`projects/${number}`) === true;
    const isKnown = this.#appIds.length === 0 || this.#appIds.includes(claims.sub ?? '');
    if (!isOurs || !isKnown || claims.sub === '') throw new AppUnattested(NOT_VALID);
  }

  async #verify(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        algorithms: ['RS256'],
        typ: 'JWT',
        audience: `projects/${this.#project}`,
        requiredClaims: ['iss', 'sub', 'exp'],
        currentDate: this.#now(),
      });
      // A single audience may be a string, in which `includes` would find a part.
      if (!Array.isArray(payload.aud)) throw new AppUnattested(NOT_VALID);
      return payload;
    } catch (error) {
      throw toRefusal(error);
    }
  }
}

const NOT_VALID = 'The App Check token is not valid here.';

/** The codes of jose for a fault of the token; every other code is about the keys. */
const tokenCodes = new Set([
  'ERR_JOSE_ALG_NOT_ALLOWED',
  'ERR_JOSE_NOT_SUPPORTED',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWS_INVALID',
  'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  'ERR_JWT_CLAIM_VALIDATION_FAILED',
  'ERR_JWT_INVALID',
]);

function toRefusal(error: unknown): Error {
  if (error instanceof AppUnattested) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_JWT_EXPIRED') {
    return new AppUnattested('The App Check token has expired; get a new one.', { cause: error });
  }
  return tokenCodes.has(code)
    ? new AppUnattested(NOT_VALID, { cause: error })
    : new Unavailable('The App Check token could not be checked.', { cause: error });
}

export function openAppCheck(config: AppCheckConfig): AppCheck {
  return new AppCheck(config, projectId(), () => new Date());
}
