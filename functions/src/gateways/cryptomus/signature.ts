import { createHash } from 'node:crypto';
import { Unauthentic } from '../../errors';
import { sameBytes } from '../signature';

/**
 * Cryptomus's signature, the same for requests and notifications
 * (https://doc.cryptomus.com/merchant-api/request-format): MD5 of base64 of the text, and the key.
 */
export function sign(text: string, key: string): string {
  const encoded = Buffer.from(text).toString('base64');
  return createHash('md5').update(`${encoded}${key}`).digest('hex');
}

/**
 * Finds what Cryptomus has signed in a notification, which carries its signature as one member of
 * its own JSON (https://doc.cryptomus.com/merchant-api/payments/webhook). The sender signs the text
 * that PHP makes of the rest; what travels may be spelled in another way. So two texts are tried:
 * what arrived without that member, and the rest spelled anew as PHP does. Neither can be right
 * without the key, and only the text that was right is read afterwards.
 * @throws Unauthentic unless one of them carries the signature.
 */
export function signedText(body: Buffer, key: string): string {
  const notification = read(body);
  const candidates = notification?.candidates ?? [];
  const signed = candidates.find((text) => sameBytes(sign(text, key), notification?.sign ?? ''));
  if (signed === undefined) throw new Unauthentic('The signature is missing or wrong.');
  return signed;
}

const SIGN = /^[0-9a-f]{32}$/i;
/** The first and only member, or one in between; the comma goes with it. */
const MEMBER = /,"sign":"[0-9a-f]{32}"|"sign":"[0-9a-f]{32}",/i;
/** Keeps a byte order mark, which is no JSON. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface Notification {
  readonly sign: string;
  readonly candidates: readonly string[];
}

/** Undefined for what is no JSON object with exactly one signature. */
function read(body: Buffer): Notification | undefined {
  try {
    const text = utf8.decode(body);
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null) return undefined;
    const { sign: given, ...rest } = json as Record<string, unknown>;
    const isSigned = typeof given === 'string' && SIGN.test(given);
    if (!isSigned || text.match(/"sign"\s*:/g)?.length !== 1) return undefined;
    return { sign: given.toLowerCase(), candidates: [text.replace(MEMBER, ''), phpJson(rest)] };
  } catch {
    // Not UTF-8, not JSON, or nested deeper than the stack is.
    return undefined;
  }
}

/** As PHP's json_encode with JSON_UNESCAPED_UNICODE: slashes and line separators are escaped. */
function phpJson(value: object): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
