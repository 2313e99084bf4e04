import { X509Certificate, type KeyObject } from 'node:crypto';
import { DAY_MS, MINUTE_MS } from '../../config/limits';
import { Unauthentic, Unavailable } from '../../errors';
import { pinnedAuthorities } from './authorities';
import { checkChain } from './chain';
import type { CertificateConfig } from './config';
import type { Send } from '../../send';
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

/** How long a refused certificate is not downloaded again. */
const REFUSAL_KEPT_MS = 10 * MINUTE_MS;
/**
 * How many certificates may be refused, or be on their way, in that time. Strangers can invent names of certificates, so
 * downloads stop then, except for the certificates that are kept.
 */
const MAX_REFUSALS = 20;

interface Refusal {
  readonly error: Unauthentic;
  /** Ms since the epoch. */
  readonly until: number;
}

interface ProvenKey {
  readonly key: KeyObject;
  /** When the key must be proven again, in ms since the epoch. */
  readonly until: number;
}

/** The public keys of PayPal's certificates. A key is returned only once its certificate is proven. */
export class Certificates {
  readonly #config: CertificateConfig;
  readonly #send: Send;
  readonly #now: () => Date;
  readonly #kept = new Map<string, ProvenKey>();
  readonly #underWay = new Map<string, Promise<ProvenKey>>();
  readonly #refused = new Map<string, Refusal>();
  #anchors: readonly X509Certificate[] | undefined;

  constructor(config: CertificateConfig, send: Send, now: () => Date) {
    this.#config = config;
    this.#send = send;
    this.#now = now;
  }

  /**
   * Returns the key of the certificate at one of PayPal's addresses.
   * @throws Unauthentic unless the certificate is PayPal's; UnknownAuthority, which is Unauthentic,
   *   when only its authority is not known.
   * @throws Unavailable when it cannot be downloaded now.
   */
  async keyAt({ href, origin, pathname }: URL): Promise<KeyObject> {
    const kept = this.#kept.get(href);
    if (kept !== undefined && this.#now().getTime() < kept.until) return kept.key;
    this.#checkRefusals(href, kept !== undefined);
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
      .catch((error: unknown) => {
        const until = this.#now().getTime() + REFUSAL_KEPT_MS;
        if (error instanceof Unauthentic) this.#refused.set(name, { error, until });
        throw error;
      })
      .finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, proof);
    return proof;
  }

  /** @param isKept it was proven before, so no stranger has made it up. */
  #checkRefusals(name: string, isKept: boolean): void {
    const now = this.#now().getTime();
    for (const [one, { until }] of this.#refused) if (until <= now) this.#refused.delete(one);
    const refused = this.#refused.get(name);
    if (refused !== undefined) throw refused.error;
    if (isKept || this.#underWay.has(name)) return;
    if (this.#refused.size + this.#underWay.size >= MAX_REFUSALS) {
      throw new Unavailable('Too many certificates were refused; none is downloaded for a while.');
    }
  }

  async #prove(url: string): Promise<ProvenKey> {
    const until = this.#now().getTime() + KEPT_MS;
    const pem = (await download(url, this.#send)).toString('latin1');
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
    this.#anchors ??= this.#config.anchor ? [this.#config.anchor] : pinnedAuthorities();
    const expiresAt = await checkChain(leaf, given, this.#anchors, this.#now(), (certificate) =>
      this.#issuerOf(certificate),
    );
    return { key: leaf.publicKey, until: Math.min(until, expiresAt) };
  }

  async #issuerOf({ infoAccess }: X509Certificate): Promise<X509Certificate | undefined> {
    const url = ISSUER_URL.exec(infoAccess ?? '')?.[1];
    return url === undefined ? undefined : parse(await download(url, this.#send));
  }
}

function parse(encoded: string | Buffer): X509Certificate {
  try {
    return new X509Certificate(encoded);
  } catch (error) {
    throw new Unauthentic('What was downloaded is not a certificate.', { cause: error });
  }
}
