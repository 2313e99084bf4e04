import { createHash } from 'node:crypto';

/**
 * How the body of a notification is spelled on its way; what is signed is the same text in all
 * three. `signed`: as it was signed. `escaped`: with every character past ASCII as `\uXXXX`.
 * `plain`: with slashes as they are.
 */
export type Spelling = 'signed' | 'escaped' | 'plain';

/** MD5 in hex of the text's base64 with the key at its end. */
export function signatureOf(text: string, key: string): string {
  const base64 = Buffer.from(text, 'utf8').toString('base64');
  return createHash('md5')
    .update(base64 + key)
    .digest('hex');
}

/** The body of a notification: the payload as PHP encodes it, its signature as the last member. */
export function signedBody(payload: object, key: string, spelling: Spelling = 'signed'): string {
  const text = encoded(payload);
  const sign = signatureOf(text, key);
  const body = spelling === 'plain' ? JSON.stringify(payload) : text;
  const spelled = spelling === 'escaped' ? ascii(body) : body;
  return spelled.replace(/\}$/, `,"sign":"${sign}"}`);
}

/** PHP's `json_encode` with `JSON_UNESCAPED_UNICODE`. */
function encoded(payload: object): string {
  return JSON.stringify(payload).replace(/[/\u2028\u2029]/g, (character) =>
    character === '/' ? '\\/' : unicode(character),
  );
}

function ascii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (character) => character.split('').map(unicode).join(''));
}

function unicode(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
