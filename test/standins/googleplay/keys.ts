import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';

/** A key as Google has it: a name, and PEM texts. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

let made = 0;

/** A fresh RSA key; nobody keeps it. */
export function newKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  made += 1;
  return { id: `standin-key-${made}`, privateKey, publicKey };
}

/** The text of a service account's key file, as the Google Cloud console gives it. */
export function keyFile(email: string, privateKey: string): string {
  const file = {
    type: 'service_account',
    project_id: 'standin',
    private_key_id: 'standin',
    private_key: privateKey,
    client_email: email,
    token_uri: 'https://oauth2.googleapis.com/token',
  };
  return JSON.stringify(file);
}

/** A JWT signed with RS256. */
export function signedJwt(claims: object, key: SigningKey, header: object = {}): string {
  const head = encoded({ alg: 'RS256', kid: key.id, typ: 'JWT', ...header });
  const signed = `${head}.${encoded(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url')}`;
}

/** The claims of a JWT that the private key has signed; undefined for any other text. */
export function claimsOf(jwt: string, privateKey: string): Record<string, unknown> | undefined {
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const publicKey = createPublicKey(privateKey);
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))) return undefined;
  const text = Buffer.from(body, 'base64url').toString('utf8');
  return JSON.parse(text) as Record<string, unknown>;
}

export function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
