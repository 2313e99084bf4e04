import { z } from 'zod';
import { readEnvironment, wholeNumber, type Environment } from '../config/environment';
import { LARGEST_CENTS } from '../config/settings';

const schema = z.object({
  ADJUSTMENT_LIMIT_CENTS: wholeNumber(0, LARGEST_CENTS).default(5_000),
});

export interface StaffConfig {
  /** The most, in either direction, that one member of the staff may adjust alone. */
  readonly adjustmentLimitCents: number;
}

export function readStaffConfig(environment?: Environment): StaffConfig {
  return { adjustmentLimitCents: readEnvironment(schema, environment).ADJUSTMENT_LIMIT_CENTS };
}
