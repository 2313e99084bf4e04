import { X509Certificate, type KeyObject } from 'node:crypto';
import { Unauthentic } from '../../errors';
import { checkChain, trustedAuthorities } from './chain';
import type { CertificateConfig } from './config';
import { download } from './download';

/** PayPal lets a certificate be kept for a day (`max-age=86400`). */
const KEPT_MS = 24 * 60 * 60_000;
/** PayPal has one or two at a time. */
const MOST_KEPT = 8;

/**
 * PayPal's authority. What is downloaded may be the certificate alone; who issued it is then found
 * where the certificate says (RFC 5280, 4.2.2.1), provided that it is this place. That needs no
 * TLS: a signature of a trusted root is what proves it.
 */
const ISSUER_URL = /^CA Issuers - URI:(http:\/\/cacerts\.digicert\.com\/[\w.-]{1,128})$/m;

interface Kept {
  readonly key: Promise<KeyObject>;
  until: number;
}

/** The public keys of PayPal's certificates, each proven before it is given out. */
export class Certificates {
  readonly #config: CertificateConfig;
  readonly #fetch: typeof fetch;
  readonly #now: () => Date;
  readonly #kept = new Map<string, Kept>();
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
    return this.#keep(href, `${this.#config.url ?? origin}${pathname}`);
  }

  /** Requests that come while a download is under way share it; what failed is not kept. */
  #keep(name: string, url: string): Promise<KeyObject> {
    const entry: Kept = {
      until: this.#now().getTime() + KEPT_MS,
      key: this.#prove(url).then(({ key, expiresAt }) => {
        entry.until = Math.min(entry.until, expiresAt);
        return key;
      }),
    };
    this.#kept.delete(name);
    this.#kept.set(name, entry);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    entry.key.catch(() => {
      if (this.#kept.get(name) === entry) this.#kept.delete(name);
    });
    return entry.key;
  }

  async #prove(url: string): Promise<{ key: KeyObject; expiresAt: number }> {
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
    return { key: leaf.publicKey, expiresAt };
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
