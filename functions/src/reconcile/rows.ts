import type { BookedRow } from '../ledger/booked-rows';
import { pushNow } from '../retail/push';
import {
  ask,
  askedOf,
  bookAnswer,
  compare,
  reportDifference,
  type SecondLook,
} from './second-look';

/**
 * Asks about the payments of rows that the gateway did not list, and reports those that have nothing
 * at the gateway, or something else. Each row is checked once, by the time that it was written.
 * @param seen the payment ids of all that was listed.
 * @throws as `Gateway.inquire`.
 */
export async function checkRows(
  look: SecondLook,
  { since, until }: { readonly since: Date; readonly until: Date },
  seen: ReadonlySet<string>,
): Promise<void> {
  const { name, gateway, rows, isOver } = look;
  if (gateway.inquire === undefined || since >= until) return;
  const written = await rows.written(name, since, until);
  const checked = new Set<string>();
  for (const row of written.filter(({ paymentId }) => !seen.has(paymentId))) {
    if (isOver()) return;
    const root = await rows.rootOf(row);
    if (checked.has(root)) continue;
    checked.add(root);
    await check(look, root, row);
  }
}

async function check(look: SecondLook, root: string, row: BookedRow): Promise<void> {
  const asked = askedOf(look.name, root, row);
  const reported = await ask(look, asked);
  const { fresh } = await bookAnswer(look, asked, reported);
  await pushNow(fresh, look.pipeline, look.pipeline.settings.pushBudgetMs);
  const { differences } = await compare(look, [root], reported);
  for (const one of differences) {
    await reportDifference(look, asked, one);
  }
}
