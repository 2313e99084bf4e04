import { Malformed } from '../errors';

/**
 * Checks the address to which a payment page sends the buyer back: our pages must not lead buyers to
 * a foreign site. Returns the address as it was parsed here, so that no other parser reads another
 * host in it.
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
