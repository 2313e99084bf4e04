import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { issue } from '../certificates.ts';
import type { Certificate } from '../certificates.ts';

/** What marks Apple's certificates for signing receipts, and those that issue them. */
const LEAF_MARK = '1.2.840.113635.100.6.11.1';
const INTERMEDIATE_MARK = '1.2.840.113635.100.6.2.1';

/** A chain like Apple's: a root, an intermediate, and the leaf that signs. */
export interface Authority {
  readonly root: Certificate;
  readonly intermediate: Certificate;
  readonly leaf: Certificate;
}

/** What is wrong with a chain. */
export interface ChainFlaws {
  readonly leafUnmarked?: boolean;
  readonly intermediateUnmarked?: boolean;
  /** The intermediate may certify nobody. */
  readonly intermediateIsNoAuthority?: boolean;
  /** When the leaf ran out. */
  readonly leafValidTo?: Date;
}

/** @param given parts of another chain to go on from. */
export function newAuthority(flaws: ChainFlaws = {}, given: Partial<Authority> = {}): Authority {
  const root = given.root ?? issue({ name: 'Stand-in Root CA', isAuthority: true });
  const intermediate =
    given.intermediate ??
    issue({
      name: 'Stand-in Developer Relations CA',
      issuer: root,
      isAuthority: flaws.intermediateIsNoAuthority !== true,
      marks: flaws.intermediateUnmarked ? [] : [INTERMEDIATE_MARK],
    });
  const leaf = issue({
    name: 'Stand-in Receipt Signing',
    issuer: intermediate,
    isAuthority: false,
    marks: flaws.leafUnmarked ? [] : [LEAF_MARK],
    ...(flaws.leafValidTo && { validTo: flaws.leafValidTo }),
  });
  return { root, intermediate, leaf };
}

/** The chain as the header of a JWS carries it. */
export function chainOf({ leaf, intermediate, root }: Authority): string[] {
  return [leaf, intermediate, root].map(({ der }) => der.toString('base64'));
}

/** A JWS as the App Store makes it: compact, ES256, the chain in `x5c`. */
export function signJws(payload: object, authority: Authority): string {
  const header = { alg: 'ES256', x5c: chainOf(authority) };
  return jwsOf(header, payload, authority.leaf.privateKey);
}

/** A JWS with any header, for those that nobody should take. */
export function jwsOf(header: object, payload: object, key: KeyObject): string {
  const text = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
