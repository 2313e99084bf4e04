/** The few parts of DER (ITU-T X.690) that a certificate is made of, each as its encoded bytes. */
export const der = {
  sequence: (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts)),
  set: (...parts: Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts)),
  /** Constructed, context-specific: `[n] EXPLICIT` around what it holds. */
  explicit: (tag: number, content: Buffer): Buffer => tagged(0xa0 + tag, content),
  /** Primitive, context-specific: `[n] IMPLICIT` in place of a type's own tag. */
  implicit: (tag: number, content: Buffer): Buffer => tagged(0x80 + tag, content),
  boolean: (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0])),
  /** Big-endian; the first byte is from 1 to 127, or the number alone. */
  integer: (...bytes: number[]): Buffer => tagged(0x02, Buffer.from(bytes)),
  bits: (content: Buffer): Buffer => tagged(0x03, Buffer.concat([Buffer.from([0]), content])),
  octets: (content: Buffer): Buffer => tagged(0x04, content),
  null: (): Buffer => tagged(0x05, Buffer.alloc(0)),
  oid: (dotted: string): Buffer => tagged(0x06, oidContent(dotted)),
  text: (value: string): Buffer => tagged(0x0c, Buffer.from(value, 'utf8')),
  /** UTCTime until 2049, GeneralizedTime after, as RFC 5280 asks. */
  time(date: Date): Buffer {
    const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
    const isUtc = date.getUTCFullYear() < 2050;
    return tagged(isUtc ? 0x17 : 0x18, Buffer.from(isUtc ? digits.slice(2) : digits));
  },
};

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  const significant = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([0x80 + significant.length]), significant]);
}

function oidContent(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return Buffer.from([first * 40 + second, ...rest.flatMap(base128)]);
}

/** Seven bits a byte, the highest bit set on all but the last. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift(0x80 | (left & 0x7f));
  return bytes;
}
