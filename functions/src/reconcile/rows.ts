import { Misconfigured, Unavailable, Unusable } from '../errors';
import type { BookedRow } from '../ledger/booked-rows';
import type { PaymentRow } from '../ledger/payment-row';
import { log } from '../log';
import { park } from '../pipeline';
import { pushNow } from '../retail/push';
import type { Difference } from './differences';
import {
  ask,
  askedOf,
  bookAnswer,
  compare,
  movementIdOf,
  reportDifference,
  sourceOf,
  type SecondLook,
} from './second-look';

/** The rows that were written in this span of time are checked. */
interface Span {
  readonly since: Date;
  readonly until: Date;
}

/**
 * Asks about the payments of rows that the gateway did not list, and reports those that have nothing
 * at the gateway, or something else. Each row is checked once, by the time that it was written.
 * @param listed all movements that were listed, by their payment id.
 * @returns false when the run was over before the last row.
 * @throws Unavailable and Misconfigured as `Gateway.inquire`.
 */
export async function checkRows(
  look: SecondLook,
  span: Span,
  listed: ReadonlyMap<string, PaymentRow>,
): Promise<boolean> {
  const { name, gateway, rows, isOver } = look;
  if (gateway.inquire === undefined || span.since >= span.until) return true;
  const written = await rows.written(name, span.since, span.until);
  const checked = new Set<string>();
  for (const row of written.filter((one) => !isListed(one, listed.get(one.paymentId)))) {
    if (isOver()) return false;
    const root = await rows.rootOf(row);
    if (checked.has(root)) continue;
    checked.add(root);
    await check(look, root, row, span);
  }
  return true;
}

/** A row may be of more than its total: the ledger books nothing of such a total, and tells nothing. */
function isListed(row: BookedRow, movement: PaymentRow | undefined): boolean {
  if (movement === undefined) return false;
  return movement.isTotal !== true || movement.amountCents === row.amountCents;
}

async function check(look: SecondLook, root: string, row: BookedRow, span: Span): Promise<void> {
  const asked = askedOf(look.name, root, row);
  try {
    const reported = await ask(look, asked);
    const { fresh } = await bookAnswer(look, asked, reported);
    await pushNow(fresh, look.pipeline, look.pipeline.settings.pushBudgetMs);
    const { booked, differences } = await compare(look, [root], reported);
    const young = booked.filter(({ createdAt }) => createdAt !== null && createdAt >= span.until);
    for (const one of differences.filter((each) => !isEarly(each, young))) {
      await reportDifference(look, asked, one);
    }
  } catch (error) {
    if (error instanceof Unavailable || error instanceof Misconfigured) throw error;
    // A row whose question always fails must not stand in the way of the others, nor be forgotten.
    log.failure(error, { gateway: look.name, payment_id: row.paymentId });
    const failed = new Unusable(
      'The gateway cannot be asked about this row: see the error before.',
      {
        cause: error,
        about: movementIdOf(look.name, row.paymentId) ?? row.paymentId,
      },
    );
    const options = { isSecondLook: true, payment: asked };
    await park(look.pipeline, sourceOf(look.name, asked), failed, options);
  }
}

/** A row may have been written after the gateway has answered. It is checked when it is older. */
function isEarly({ kind, paymentId }: Difference, young: readonly BookedRow[]): boolean {
  return kind === 'unknown' && young.some((row) => row.paymentId === paymentId);
}
