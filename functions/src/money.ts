const DECIMAL = /^(0|[1-9]\d{0,9})(?:\.(\d{1,2}))?$/;

/**
 * The cents of a decimal with no, one or two decimals: `12`, `12.5`, `12.50`. Undefined for
 * anything else: a sign, an exponent, a comma, a space, a leading zero, a third decimal.
 */
export function centsOf(decimal: string): number | undefined {
  const [, whole, fraction = ''] = DECIMAL.exec(decimal) ?? [];
  return whole === undefined ? undefined : Number(`${whole}${fraction.padEnd(2, '0')}`);
}

/** A whole, non-negative number of cents with its two decimals: `12.50`. */
export function decimalOf(cents: number): string {
  const digits = String(cents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The same without its trailing zeros, as JSON and PHP print the number: `12.5`, `12`, `12.05`. */
export function shortDecimalOf(cents: number): string {
  return decimalOf(cents).replace(/\.?0{1,2}$/, '');
}

/** A whole number of cents, which may be negative: `-12.50`. */
export function signedDecimalOf(cents: number): string {
  return `${cents < 0 ? '-' : ''}${decimalOf(Math.abs(cents))}`;
}
