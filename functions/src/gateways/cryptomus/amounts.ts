import { centsOf } from '../../money';

/**
 * The cents of an amount, which comes with up to eighteen decimals and null where it was not told;
 * undefined when it is no whole number of cents.
 */
export function exactCentsOf(decimal: string | null): number | undefined {
  return decimal === null ? undefined : centsOf(decimal.replace(/(\.\d\d)0{1,16}$/, '$1'));
}

/** The whole cents in an amount; what is less than a cent is left out. */
export function wholeCentsOf(decimal: string | null): number | undefined {
  return decimal === null ? undefined : centsOf(decimal.replace(/(\.\d\d)\d{1,16}$/, '$1'));
}
