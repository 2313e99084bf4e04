import { z } from 'zod';
import { readEnvironment, wholeNumber, type Environment } from '../config/environment';

const schema = z.object({
  DELETION_KEPT_DAYS: wholeNumber(31, 3_650).default(180),
});

export interface DeletionConfig {
  /** How long the uid of a deleted account is kept, to erase documents that still arrive with it. */
  readonly keptDays: number;
}

export function readDeletionConfig(environment?: Environment): DeletionConfig {
  return { keptDays: readEnvironment(schema, environment).DELETION_KEPT_DAYS };
}
