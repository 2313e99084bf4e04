import type { z } from 'zod';
import { hasUser } from '../auth';
import { openDeletions } from '../deletion/deletions';
import { Conflict, Malformed, NotFound } from '../errors';
import type { Reply } from '../http/call';
import type { SignedIn } from '../http/caller';
import { customerId } from '../ids';
import { adjustmentIdOf, fromRowIdOf, rowIdOf } from '../ledger/adjustment-id';
import { expectSame, type Adjusted, type Adjustment } from '../ledger/adjustment-document';
import { openAdjustments } from '../ledger/adjustments';
import { openRowLookup } from '../ledger/lookup';
import { openPipeline } from '../pipeline';
import { pushNow } from '../retail/push';
import { includesRole } from '../roles/role';
import { openStaffBook } from '../roles/staff-book';
import type { adjust, declineAdjustment, listAdjustments, movePayment } from './adjustment-calls';
import { MOST_OPEN } from './calls';
import { readStaffConfig } from './config';
import { seconds, toRowReply } from './replies';

type Outcome = Reply<typeof adjust>;
type Listed = Reply<typeof listAdjustments>;

export async function openAdjusting() {
  const deletions = openDeletions();
  const book = openAdjustments((uid) => deletions.has(uid));
  const { adjustmentLimitCents } = readStaffConfig();
  const pipeline = await openPipeline();
  const turn = () => ({ now: pipeline.now(), leaseMs: pipeline.settings.pushBudgetMs });

  const push = async ({ adjustment, fresh }: Adjusted): Promise<Outcome> => {
    await pushNow(fresh, pipeline, pipeline.settings.pushBudgetMs);
    return toOutcome(adjustment);
  };

  return {
    /** @throws Malformed, NotFound, Forbidden, Conflict. */
    async adjust(
      { key, uid, cents: amountCents, reason }: z.output<(typeof adjust)['input']>,
      { uid: madeBy, email: madeByEmail }: SignedIn,
    ): Promise<Outcome> {
      const id = adjustmentIdOf(key);
      const { mode } = pipeline.settings;
      const asked = { id, uid, amountCents, reason, mode, madeBy, madeByEmail };
      const known = await book.find(id);
      if (known !== undefined) {
        expectSame(asked, known);
        return toOutcome(known);
      }
      await expectAccount(uid);
      return push(await book.request(asked, adjustmentLimitCents, turn()));
    },

    /** @throws Malformed, NotFound, Forbidden, Conflict. */
    async move(
      { payment_id: paymentId, uid, reason }: z.output<(typeof movePayment)['input']>,
      { uid: madeBy, email: madeByEmail }: SignedIn,
    ): Promise<Outcome> {
      await expectAccount(uid);
      const { mode } = pipeline.settings;
      const asked = { paymentId, uid, reason, mode, madeBy, madeByEmail };
      return push(await book.move(asked, adjustmentLimitCents, turn()));
    },

    async list(): Promise<Listed> {
      const waiting = await book.waiting(MOST_OPEN + 1);
      return {
        adjustments: waiting.slice(0, MOST_OPEN).map(toReply),
        is_more: waiting.length > MOST_OPEN,
      };
    },

    /** @throws Malformed, NotFound, Forbidden, Conflict. */
    async approve({ adjustment_id: id }: { adjustment_id: string }, { uid }: SignedIn) {
      const { mode } = pipeline.settings;
      return push(await book.approve(id, { uid, mode }, expectSound, turn()));
    },

    /** @throws NotFound, Conflict. */
    async decline(
      { adjustment_id: id, reason }: z.output<(typeof declineAdjustment)['input']>,
      { uid: by }: SignedIn,
    ) {
      return toOutcome(await book.decline(id, by, reason, pipeline.now()));
    },
  };
}

/** @throws Conflict when the member who asked for it may not do so any more; else `expectAccount`. */
async function expectSound({ uid, madeBy }: Adjustment): Promise<void> {
  const role = await openStaffBook().roleOf(madeBy);
  if (role === undefined || !includesRole(role, 'finance')) {
    throw new Conflict('The member who asked for it has no role for it any more: decline it.');
  }
  await expectAccount(uid);
}

/**
 * Checks that the balance of an account can be changed.
 * @throws Malformed, NotFound, Conflict.
 */
async function expectAccount(uid: string): Promise<void> {
  if (!customerId.safeParse(uid).success) {
    throw new Malformed(
      'The Retail API can hold no balance for this uid: letters and digits only.',
    );
  }
  if (await openDeletions().has(uid)) throw new Conflict('The account is deleted.');
  if (!(await hasUser(uid))) throw new NotFound('No account has the uid.');
}

function toReply(adjustment: Adjustment): Listed['adjustments'][number] {
  const { id, uid, amountCents, reason, state, madeByEmail, madeAt, decidedAt } = adjustment;
  const { paymentId = null } = adjustment;
  return {
    adjustment_id: id,
    uid,
    payment_id: paymentId,
    amount: amountCents,
    reason,
    state,
    made_by: madeByEmail,
    made_at: Math.floor(madeAt.getTime() / 1000),
    decided_at: seconds(decidedAt ?? null),
  };
}

async function toOutcome(adjustment: Adjustment): Promise<Outcome> {
  const { id, state, paymentId } = adjustment;
  const ids = paymentId === undefined ? [rowIdOf(id)] : [rowIdOf(id), fromRowIdOf(id)];
  const rows = await openRowLookup().withIds(state === 'booked' ? ids : []);
  return { adjustment: toReply(adjustment), rows: rows.map(toRowReply) };
}
