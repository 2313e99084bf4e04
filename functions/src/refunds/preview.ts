import { Conflict, PaymentsError } from '../errors';
import { customerId, ERASED } from '../ids';
import type { FoundRow } from '../ledger/lookup';
import { leftOutcomes } from '../ledger/sync-fault';
import { holderOf } from '../ledger/holder';
import { isOpen, type RefundRequest } from '../ledger/refund-request';
import type { Balance } from '../retail/retail-api';
import { checkPayment, decide, sumsOf, type RefundAsked, type Sums } from './decision';
import type { RefundDesk } from './refund';

/** What a refund would do. */
export interface Preview extends Sums {
  readonly can: 'none' | 'full' | 'partial';
  /** The steps by hand, where the gateway gives nothing back. */
  readonly byHand: readonly string[];
  /** Whose address it needs to be told, in words; null where it needs none. */
  readonly needsAddress: string | null;
  /** What it would give back, in US cents. */
  readonly cents: number;
  /** Null where there is none, or it is not known. */
  readonly balance: number | null;
  readonly isDeletedAccount: boolean;
  /** The Retail API has refused the payment, so what a refund takes was never in the balance. */
  readonly isCreditRefused: boolean;
  readonly open: readonly RefundRequest[];
}

/**
 * What a refund would do, by the rules by which it is made. Nothing is changed.
 * @throws NotFound, Conflict and Forbidden as `refundPayment`.
 */
export async function previewRefund(desk: RefundDesk, asked: RefundAsked): Promise<Preview> {
  const { settings, now, retail } = desk.look.pipeline;
  const { refunds } = desk.gateway;
  const found = await desk.requests.readPayment(asked.paymentId);
  checkPayment(found, asked.gateway, settings.mode);
  const sums = sumsOf(found);
  const isByHand = refunds === undefined || refunds.can === 'none';
  const cents = isByHand
    ? (asked.cents ?? sums.left)
    : decide(found, asked, refunds.can, settings, now()).amountCents;
  if (isByHand && (cents > sums.left || sums.left <= 0)) {
    throw new Conflict('So much is not left of the payment.');
  }
  const uid = holderOf(found.payment.uid, found.rows);
  return {
    ...sums,
    can: refunds?.can ?? 'none',
    byHand: refunds?.can === 'none' ? refunds.byHand : [],
    needsAddress: isByHand ? null : (refunds.needsAddress ?? null),
    cents,
    balance: await balanceOf(retail, uid),
    isDeletedAccount: uid === ERASED,
    isCreditRefused: isRefused(found.payment),
    open: found.requests.filter(isOpen),
  };
}

function isRefused({ isSynced, fault }: FoundRow): boolean {
  return !isSynced && leftOutcomes.includes(fault?.outcome ?? '');
}

/** A balance that cannot be read stops no refund: the money goes back by the gateway. */
async function balanceOf(
  retail: { readonly balance: (uid: string) => Promise<Balance | undefined> },
  uid: string,
): Promise<number | null> {
  if (!customerId.safeParse(uid).success) return null;
  try {
    return (await retail.balance(uid))?.total ?? 0;
  } catch (error) {
    if (error instanceof PaymentsError) return null;
    throw error;
  }
}
