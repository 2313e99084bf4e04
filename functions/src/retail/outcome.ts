import { log } from '../log';

/**
 * What came of a push, told apart by what to do next.
 * - `applied`, `duplicate`: the balance has it.
 * - `rejected`, `malformed`, `other_mode`: never, as it stands. `refused_funds`, `on_hold`: not for a
 *   long while.
 * - `ambiguous`: a 409 that names no reason; the same id again, and a person after a few of them.
 * - `retryable`: the transaction may have been applied or not; the same id again.
 * - `throttled`, `unsent`: nothing was applied; later.
 * - `misconfigured`: every other push would end the same now.
 */
export type OutcomeKind =
  | 'applied'
  | 'duplicate'
  | 'rejected'
  | 'malformed'
  | 'other_mode'
  | 'refused_funds'
  | 'on_hold'
  | 'ambiguous'
  | 'retryable'
  | 'throttled'
  | 'unsent'
  | 'misconfigured';

export interface Outcome {
  readonly kind: OutcomeKind;
  /** The HTTP status; null when no answer came or no call was made. */
  readonly status: number | null;
  readonly errorName: string | null;
  /** For `throttled`: when the Retail API listens again, if it said so. */
  readonly retryAt: Date | null;
}

/** Whether the Retail API has refused the transaction for a reason that it stated. */
export function isRefusal({ kind, status }: Pick<Outcome, 'kind' | 'status'>): boolean {
  return status !== null && (kind === 'rejected' || kind === 'refused_funds' || kind === 'on_hold');
}

/** Unexplained conflicts of one row before a person is told. */
const AMBIGUOUS_TRIES = 5;

type Told =
  | { readonly severity: 'info' | 'warn'; readonly message: string }
  | { readonly severity: 'alert'; readonly message: string; readonly next_step: string };

const repeated: Told = { severity: 'warn', message: 'a push has failed and will be repeated' };
const refused: Told = {
  severity: 'alert',
  message: 'the Retail API refused a transaction: see npm run ops -- refused',
  next_step:
    'Ask the Retail API about the account (error_name says why), then npm run ops -- refused --retry <payment_id>.',
};

const toldOf: Readonly<Record<Exclude<OutcomeKind, 'applied' | 'ambiguous'>, Told>> = {
  duplicate: { severity: 'info', message: 'the Retail API had this transaction already' },
  rejected: refused,
  refused_funds: refused,
  on_hold: refused,
  malformed: {
    severity: 'alert',
    message: 'a row is malformed and cannot be pushed: correct its uid, amount, gateway or mode',
    next_step:
      'npm run ops -- story <payment_id>: a row written by hand has a field that is wrong.',
  },
  other_mode: {
    severity: 'alert',
    message: 'a row of another mode than PAYMENTS_MODE is not pushed',
    next_step: 'Set PAYMENTS_MODE to the mode of this project and deploy; the row stays as it is.',
  },
  retryable: repeated,
  throttled: repeated,
  unsent: repeated,
  misconfigured: {
    severity: 'alert',
    message: 'the Retail API takes no call: check PLATFONE_API_KEY and PLATFONE_API_URL',
    next_step: 'Set PLATFONE_API_KEY to the key of this mode and deploy. Rows wait; none is lost.',
  },
};

/**
 * Says what a person must know of: a row that only a person can help is an alert.
 * @param attempts how often the row had failed before.
 */
export function logOutcome(
  { paymentId, gateway, attempts }: { paymentId: string; gateway: string; attempts: number },
  { kind, status, errorName }: Outcome,
): void {
  if (kind === 'applied') return;
  const told = kind === 'ambiguous' ? toldOfConflict(attempts) : toldOf[kind];
  const fields = {
    payment_id: paymentId,
    gateway,
    outcome: kind,
    ...(status !== null && { status }),
    ...(errorName !== null && { error_name: errorName }),
  };
  if (told.severity === 'alert') {
    log.alert(told.message, { ...fields, next_step: told.next_step });
  } else log[told.severity](told.message, fields);
}

function toldOfConflict(attempts: number): Told {
  if (attempts < AMBIGUOUS_TRIES) return repeated;
  return {
    severity: 'alert',
    message: 'the Retail API answers 409 without a reason: look whether it has the transaction',
    next_step: 'Ask the Retail API whether it has the transaction of payment_id; the tries go on.',
  };
}
