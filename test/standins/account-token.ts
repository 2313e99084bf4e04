import { createHash } from 'node:crypto';

/**
 * What an app calls its user when it buys, computed as apps do: the version 5 UUID of the Firebase
 * uid in the published namespace.
 */
export function accountTokenOf(uid: string): string {
  const namespace = Buffer.from('1b1a2da072c6449caa1fecdedd068087', 'hex');
  const hash = createHash('sha1').update(namespace).update(uid).digest();
  hash[6] = ((hash[6] ?? 0) % 16) + 0x50;
  hash[8] = ((hash[8] ?? 0) % 64) + 0x80;
  const hex = hash.toString('hex');
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, at) => hex.slice(cuts[at], end))
    .join('-');
}
