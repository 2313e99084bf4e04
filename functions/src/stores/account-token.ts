import { createHash } from 'node:crypto';

/** Published for the apps, which compute the same token: it must never change. */
const ACCOUNT_NAMESPACE = '1b1a2da0-72c6-449c-aa1f-ecdedd068087';

/**
 * The name of a user at the stores. The app gives it with the purchase (`appAccountToken`, Google's
 * obfuscated account id), and the proof of purchase carries it. It is the version 5 UUID (RFC 9562,
 * section 5.5) of the Firebase uid in the namespace 1b1a2da0-72c6-449c-aa1f-ecdedd068087, in lower
 * case, so that the app can compute it. It binds a purchase to its buyer; it is not a secret.
 */
export function accountToken(uid: string): string {
  return uuidV5(ACCOUNT_NAMESPACE, uid);
}

/** RFC 9562, section 5.5: SHA-1 over the namespace's bytes and the name in UTF-8. */
export function uuidV5(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
