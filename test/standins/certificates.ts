import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** An X.509 certificate of our own making, with the key it certifies. */
export interface Certificate {
  readonly der: Buffer;
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  /** The common name of the subject. */
  readonly name: string;
  /** Self-signed when left out. */
  readonly issuer?: Certificate;
  /** Whether it may certify others. */
  readonly isAuthority: boolean;
  /** Marks its purpose: object ids of extensions whose value is NULL. */
  readonly marks?: readonly string[];
  /** 2020 to 2049 unless told otherwise. */
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

/** Issues a certificate for a new P-256 key (RFC 5280; signed with ECDSA and SHA-256). */
export function issue(options: CertificateOptions): Certificate {
  const { name, issuer, isAuthority, marks = [] } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { validFrom = new Date('2020-01-01'), validTo = new Date('2049-12-31') } = options;
  const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const extensions = [
    ...(isAuthority ? [extension(OID.basicConstraints, sequence(TRUE), true)] : []),
    ...marks.map((mark) => extension(mark, NULL)),
  ];
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serialOf(publicKeyInfo)),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer?.name ?? name),
    sequence(utcTime(validFrom), utcTime(validTo)),
    distinguishedName(name),
    publicKeyInfo,
    ...(extensions.length > 0 ? [tagged(3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey);
  const der = sequence(body, ECDSA_WITH_SHA256, bitString(signature));
  return { der, name, privateKey };
}

const OID = {
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
};

/** The DER encoding (X.690) of what a certificate is made of. */
function encoded(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits = Buffer.from(length.toString(16).padStart(4, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x82]), digits, content]);
}

const TRUE = encoded(0x01, Buffer.from([0xff]));
const NULL = Buffer.from([0x05, 0x00]);

function sequence(...parts: readonly Buffer[]): Buffer {
  return encoded(0x30, Buffer.concat(parts));
}

function tagged(number: number, content: Buffer): Buffer {
  return encoded(0xa0 + number, content);
}

/** @param bytes most significant first, the first of them below 0x80. */
function integer(bytes: Buffer): Buffer {
  return encoded(0x02, bytes);
}

function bitString(bytes: Buffer): Buffer {
  return encoded(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encoded(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Seven bits a byte, all but the last marked. */
function base128(arc: number): number[] {
  const digits = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

function distinguishedName(commonName: string): Buffer {
  const text = encoded(0x0c, Buffer.from(commonName));
  return sequence(encoded(0x31, sequence(objectId(OID.commonName), text)));
}

function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '').slice(2, 14);
  return encoded(0x17, Buffer.from(`${digits}Z`));
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(objectId(id), ...(isCritical ? [TRUE] : []), encoded(0x04, value));
}

function serialOf(publicKeyInfo: Buffer): Buffer {
  const serial = createHash('sha256').update(publicKeyInfo).digest().subarray(0, 8);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  return serial;
}

const ECDSA_WITH_SHA256 = sequence(objectId(OID.ecdsaWithSha256));
