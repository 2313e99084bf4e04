import { X509Certificate, type KeyObject } from 'node:crypto';
import { DAY_MS } from '../../config/limits';
import { Unauthentic } from '../../errors';
import { checkChain, trustedAuthorities } from './chain';
import type { CertificateConfig } from './config';
import { download } from './download';

/** PayPal lets a certificate be kept for a day (`max-age=86400`). */
const KEPT_MS = DAY_MS;
/** PayPal has one or two at a time. */
const MOST_KEPT = 8;

/**
 * PayPal's authority. What is downloaded may be the certificate alone; who issued it is then found
 * where the certificate says (RFC 5280, 4.2.2.1), provided that it is this place. That needs no
 * TLS: a signature of a trusted root is what proves it.
 */
const ISSUER_URL = /^CA Issuers - URI:(http:\/\/cacerts\.digicert\.com\/[\w.-]{1,128})$/m;

interface Proven {
  readonly key: KeyObject;
  /** In ms since the epoch. */
  readonly until: number;
}

/** The public keys of PayPal's certificates, each proven before it is given out. */
export class Certificates {
  readonly #config: CertificateConfig;
  readonly #fetch: typeof fetch;
  readonly #now: () => Date;
  readonly #kept = new Map<string, Proven>();
  readonly #underWay = new Map<string, Promise<Proven>>();
  #anchors: readonly X509Certificate[] | undefined;

  constructor(config: CertificateConfig, fetchFunction: typeof fetch, now: () => Date) {
    this.#config = config;
    this.#fetch = fetchFunction;
    this.#now = now;
  }

  /**
   * The key of the certificate at an address of PayPal's.
   * @throws Unauthentic unless the certificate is PayPal's. Unavailable when it cannot be had.
   */
  async keyAt({ href, origin, pathname }: URL): Promise<KeyObject> {
    const kept = this.#kept.get(href);
    if (kept !== undefined && this.#now().getTime() < kept.until) return kept.key;
    const url = `${this.#config.url ?? origin}${pathname}`;
    const proof = this.#underWay.get(href) ?? this.#keep(href, url);
    return (await proof).key;
  }

  /** Only what is proven is kept: an address that somebody made up takes no place of another. */
  #keep(name: string, url: string): Promise<Proven> {
    const proof = this.#prove(url)
      .then((proven) => {
        this.#kept.delete(name);
        this.#kept.set(name, proven);
        const [oldest = name] = this.#kept.keys();
        if (this.#kept.size > MOST_KEPT) this.#kept.delete(oldest);
        return proven;
      })
      .finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, proof);
    return proof;
  }

  async #prove(url: string): Promise<Proven> {
    const until = this.#now().getTime() + KEPT_MS;
    const pem = (await download(url, this.#fetch)).toString('latin1');
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const [leaf, ...given] = blocks.map(parse);
    if (leaf === undefined) throw new Unauthentic('What was downloaded is not a certificate.');
    if (leaf.checkHost(this.#config.name, { wildcards: false }) === undefined) {
      throw new Unauthentic("The certificate is not for PayPal's messages.");
    }
    const { asymmetricKeyType, asymmetricKeyDetails } = leaf.publicKey;
    if (asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
      throw new Unauthentic('The certificate has no RSA key of 2048 bits.');
    }
    this.#anchors ??= this.#config.anchor ? [this.#config.anchor] : trustedAuthorities();
    const expiresAt = await checkChain(leaf, given, this.#anchors, this.#now(), (certificate) =>
      this.#issuerOf(certificate),
    );
    return { key: leaf.publicKey, until: Math.min(until, expiresAt) };
  }

  async #issuerOf({ infoAccess }: X509Certificate): Promise<X509Certificate | undefined> {
    const url = ISSUER_URL.exec(infoAccess ?? '')?.[1];
    return url === undefined ? undefined : parse(await download(url, this.#fetch));
  }
}

function parse(encoded: string | Buffer): X509Certificate {
  try {
    return new X509Certificate(encoded);
  } catch (error) {
    throw new Unauthentic('What was downloaded is not a certificate.', { cause: error });
  }
}
