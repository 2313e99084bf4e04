import { Malformed } from '../errors';

/**
 * Checks where a payment page may send the buyer back to: nobody may use our pages to lead a buyer
 * elsewhere. Returns the address as it was understood here, so that no other parser can read
 * another host out of it.
 * @param allowedOrigins such as `https://app.example.com`, without a trailing slash.
 * @throws Malformed unless the address is on one of the origins.
 */
export function checkReturnUrl(url: string, allowedOrigins: readonly string[]): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isPlain =
    parsed !== undefined &&
    /^https?:$/.test(parsed.protocol) &&
    parsed.username === '' &&
    parsed.password === '';
  if (!isPlain || !allowedOrigins.includes(parsed.origin)) {
    throw new Malformed('A return address is not on an allowed origin.');
  }
  return parsed.href;
}
