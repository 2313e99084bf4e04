import { X509Certificate, type KeyObject } from 'node:crypto';
import { DAY_MS } from '../../config/limits';
import { Unauthentic } from '../../errors';
import { checkChain, trustedAuthorities } from './chain';
import type { CertificateConfig } from './config';
import { download } from './download';

/** PayPal allows a certificate to be kept for a day (`max-age=86400`). */
const KEPT_MS = DAY_MS;
/** PayPal uses one or two certificates at a time. */
const MOST_KEPT = 8;

/**
 * The address of the issuer's certificate at DigiCert, PayPal's authority. PayPal may serve its
 * certificate without the issuer's. It names the address of the issuer's (RFC 5280, 4.2.2.1), which
 * is followed only when it matches this pattern. The download needs no TLS: the signature of a
 * trusted root proves the certificate.
 */
const ISSUER_URL = /^CA Issuers - URI:(http:\/\/cacerts\.digicert\.com\/[\w.-]{1,128})$/m;

interface ProvenKey {
  readonly key: KeyObject;
  /** When the key must be proven again, in ms since the epoch. */
  readonly until: number;
}

/** The public keys of PayPal's certificates. A key is returned only once its certificate is proven. */
export class Certificates {
  readonly #config: CertificateConfig;
  readonly #fetch: typeof fetch;
  readonly #now: () => Date;
  readonly #kept = new Map<string, ProvenKey>();
  readonly #underWay = new Map<string, Promise<ProvenKey>>();
  #anchors: readonly X509Certificate[] | undefined;

  constructor(config: CertificateConfig, fetchFunction: typeof fetch, now: () => Date) {
    this.#config = config;
    this.#fetch = fetchFunction;
    this.#now = now;
  }

  /**
   * Returns the key of the certificate at one of PayPal's addresses.
   * @throws Unauthentic unless the certificate is PayPal's. Unavailable when it cannot be
   *   downloaded now.
   */
  async keyAt({ href, origin, pathname }: URL): Promise<KeyObject> {
    const kept = this.#kept.get(href);
    if (kept !== undefined && this.#now().getTime() < kept.until) return kept.key;
    const url = `${this.#config.url ?? origin}${pathname}`;
    const proof = this.#underWay.get(href) ?? this.#keep(href, url);
    return (await proof).key;
  }

  /** Keeps proven keys only: a made-up address must not take the place of a real one. */
  #keep(name: string, url: string): Promise<ProvenKey> {
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

  async #prove(url: string): Promise<ProvenKey> {
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
