import { centsOf } from '../../money';

/**
 * The cents of an amount, which Cryptomus writes with up to eighteen decimals. Undefined when the
 * amount is missing (null) or is no whole number of cents.
 */
export function exactCentsOf(decimal: string | null): number | undefined {
  return decimal === null ? undefined : centsOf(decimal.replace(/(\.\d\d)0{1,16}$/, '$1'));
}

/** The whole cents of an amount: a fraction of a cent is dropped. */
export function wholeCentsOf(decimal: string | null): number | undefined {
  return decimal === null ? undefined : centsOf(decimal.replace(/(\.\d\d)\d{1,16}$/, '$1'));
}
