import { z } from 'zod';
import { readEnvironment, type Environment } from '../config/environment';

const expected = 'must be a date such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z';

const schema = z.object({
  STORE_PURCHASES_SINCE: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: expected })
    .transform((text) => new Date(text))
    .optional(),
});

/** What an app is told of such a purchase. */
export const EARLIER =
  'This purchase is older than this backend; send it to the backend that was there before.';

/**
 * Whether a purchase belongs to an earlier backend, by the time at which the store says it was bought.
 * Null, where the store does not say: it does not. A purchase that was credited here is ours, whatever
 * its time: the caller looks.
 */
export type IsEarlier = (boughtAt: Date | null) => boolean;

/** @throws Misconfigured when STORE_PURCHASES_SINCE is no date. */
export function readIsEarlier(environment?: Environment): IsEarlier {
  const { STORE_PURCHASES_SINCE: since } = readEnvironment(schema, environment);
  return (boughtAt) => since !== undefined && boughtAt !== null && boughtAt < since;
}
