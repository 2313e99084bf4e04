import { crc32 } from 'node:zlib';

/** Letters that differ in their low four bits alone, so that any of these bits may be set. */
const LETTERS = 12;
const BITS = 4;
const BASE = 0x40;

/**
 * Another body of the same CRC-32, which is what makes a forged event of PayPal's look signed.
 * @param write the forged body, around letters from `@` to `O` that are free to choose.
 */
export function sameCrc32(genuine: string | Buffer, write: (letters: string) => string): string {
  const forged = (choice: bigint): string => write(lettersOf(choice));
  const start = crc32(forged(0n));
  // CRC-32 is affine: each free bit, if set, changes the checksum in a way of its own.
  const basis = new Map<number, { change: number; choice: bigint }>();
  for (let bit = 0n; bit < LETTERS * BITS; bit += 1n) {
    const choice = 1n << bit;
    const left = reduced({ change: crc32(forged(choice)) ^ start, choice }, basis);
    if (left.change !== 0) basis.set(highestBit(left.change), left);
  }
  const wanted = reduced({ change: crc32(genuine) ^ start, choice: 0n }, basis);
  if (wanted.change !== 0) throw new Error('too few letters');
  return forged(wanted.choice);
}

/** Takes away, by changes known before, what they can of this one. */
function reduced(
  { change, choice }: { change: number; choice: bigint },
  basis: ReadonlyMap<number, { change: number; choice: bigint }>,
): { change: number; choice: bigint } {
  let left = { change, choice };
  for (let bit = 31; bit >= 0; bit -= 1) {
    const known = basis.get(bit);
    if (((left.change >>> bit) & 1) === 0 || known === undefined) continue;
    left = { change: left.change ^ known.change, choice: left.choice ^ known.choice };
  }
  return left;
}

function highestBit(value: number): number {
  return 31 - Math.clz32(value);
}

function lettersOf(choice: bigint): string {
  const codes = Array.from({ length: LETTERS }, (_, index) => {
    return BASE + Number((choice >> BigInt(index * BITS)) & 0xfn);
  });
  return String.fromCharCode(...codes);
}
