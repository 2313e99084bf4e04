import type { History } from '../../functions/src/gateway.ts';
import type { Reported } from '../../functions/src/movement.ts';
import { existing } from './existing.ts';

/** All pages that a gateway lists of a span of time. */
export async function historyPages(
  history: History | undefined,
  since: Date,
  until: Date,
  pages: (readonly Reported[])[] = [],
): Promise<(readonly Reported[])[]> {
  for await (const page of existing(history).list(since, until)) pages.push(page);
  return pages;
}
