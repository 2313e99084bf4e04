import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import type { Call, Reply } from '../http.ts';

/** What a token shall say otherwise than the ordinary one. */
export interface Attestation {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  /** Signed by a key that is not among the published ones, whatever its id says. */
  forged?: true;
}

interface Key {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The app that an ordinary token is for. */
export const APP_ID = '1:123456789012:web:0123456789abcdef';
const PROJECT_NUMBER = '123456789012';

/** The issuer of App Check tokens, with its published keys. */
export class AppCheckIssuer {
  readonly #project: string;
  readonly #now: () => number;
  #key = newKey();
  readonly #foreign = newKey();
  /** How often the keys were asked for. */
  keysAsked = 0;

  constructor(project: string, now: () => number) {
    this.#project = project;
    this.#now = now;
  }

  static serves(call: Call): boolean {
    return call.path === '/v1/jwks';
  }

  keys(): Reply {
    this.keysAsked += 1;
    const jwk = this.#key.publicKey.export({ format: 'jwk' });
    const keys = [{ ...jwk, use: 'sig', alg: 'RS256', kid: this.#key.id }];
    return { status: 200, body: { keys } };
  }

  /** A token as an app gets it; a claim or header of null is left out. */
  attest({ header = {}, claims = {}, forged }: Attestation = {}): string {
    const seconds = Math.floor(this.#now() / 1000);
    const head = part({ alg: 'RS256', typ: 'JWT', kid: this.#key.id, ...header });
    const body = part({
      iss: `https://firebaseappcheck.googleapis.com/${PROJECT_NUMBER}`,
      aud: [`projects/${PROJECT_NUMBER}`, `projects/${this.#project}`],
      sub: APP_ID,
      iat: seconds,
      exp: seconds + 3_600,
      jti: randomUUID(),
      ...claims,
    });
    const { privateKey } = forged ? this.#foreign : this.#key;
    const signature = sign('sha256', Buffer.from(`${head}.${body}`), privateKey);
    return `${head}.${body}.${signature.toString('base64url')}`;
  }

  /** Tokens are signed with a new key from now on, and the old one is not published any more. */
  rotate(): void {
    this.#key = newKey();
  }
}

function newKey(): Key {
  return { id: randomUUID(), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

function part(fields: Record<string, unknown>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return Buffer.from(JSON.stringify(Object.fromEntries(given))).toString('base64url');
}
