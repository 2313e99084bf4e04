import { createHash } from 'node:crypto';
import { Unauthentic } from '../../errors';
import { sameBytes } from '../signature';

/**
 * Makes Cryptomus's signature: the MD5 of the text in base64 and the key after it. Requests and
 * notifications are signed alike (https://doc.cryptomus.com/merchant-api/request-format).
 */
export function sign(text: string, key: string): string {
  const encoded = Buffer.from(text).toString('base64');
  return createHash('md5').update(`${encoded}${key}`).digest('hex');
}

/**
 * Checks that Cryptomus signed a notification with one of our keys. The signature is a member of the
 * notification's own JSON (https://doc.cryptomus.com/merchant-api/payments/webhook). Cryptomus signs
 * the text that PHP makes of the other members, and may send another spelling of it. So two texts
 * are tried: the body without the signature, and its members spelled as PHP does. Neither can be
 * right without a key.
 * @returns the text that was signed. Nothing else of the body may be read.
 * @throws Unauthentic unless one of the two texts has the signature.
 */
export function checkSignature(body: Buffer, keys: readonly string[]): string {
  const notification = readBody(body);
  const candidates = notification?.candidates ?? [];
  const given = notification?.sign ?? '';
  const isRight = (text: string) => keys.some((key) => sameBytes(sign(text, key), given));
  const signed = candidates.find(isRight);
  if (signed === undefined) throw new Unauthentic('The signature is missing or wrong.');
  return signed;
}

const SIGN = /^[0-9a-f]{32}$/i;
/** The signature with its comma, wherever it stands among the members. */
const MEMBER = /,"sign":"[0-9a-f]{32}"|"sign":"[0-9a-f]{32}",/i;
/** Keeps a byte order mark, so that a body with one is refused as no JSON. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface Notification {
  readonly sign: string;
  readonly candidates: readonly string[];
}

/** Undefined when the body is no JSON object with exactly one signature. */
function readBody(body: Buffer): Notification | undefined {
  try {
    const text = utf8.decode(body);
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null) return undefined;
    const { sign: given, ...rest } = json as Record<string, unknown>;
    const isSigned = typeof given === 'string' && SIGN.test(given);
    if (!isSigned || text.match(/"sign"\s*:/g)?.length !== 1) return undefined;
    return { sign: given.toLowerCase(), candidates: [text.replace(MEMBER, ''), phpJson(rest)] };
  } catch {
    // The body is not UTF-8, is not JSON, or is nested too deeply for the stack.
    return undefined;
  }
}

/** JSON as PHP's json_encode writes it with JSON_UNESCAPED_UNICODE: it escapes slashes and line separators. */
function phpJson(value: object): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
