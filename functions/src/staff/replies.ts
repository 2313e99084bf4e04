import type { FoundRow } from '../ledger/lookup';
import type { FoundEvent } from '../ledger/open-events';
import { accountDeletedFault, leftOutcomes } from '../ledger/sync-fault';
import type { Reply } from '../http/call';
import type { Order } from '../orders/order';
import type { find } from './calls';

type Found = Reply<typeof find>;

export function seconds(time: Date | null): number | null {
  return time === null ? null : Math.floor(time.getTime() / 1000);
}

export function toOrderReply(order: Order): Found['orders'][number] {
  return {
    order_id: order.orderId,
    uid: order.uid,
    gateway: order.gateway,
    amount: order.amountCents,
    mode: order.mode,
    created_at: Math.floor(order.createdAt.getTime() / 1000),
    ref: order.gatewayRef ?? null,
  };
}

/** Where a row stands on its way to the balance. */
export function stateOf({ isSynced, fault }: FoundRow): Found['rows'][number]['state'] {
  if (isSynced) return 'synced';
  if (fault?.outcome === accountDeletedFault.outcome) return 'ownerless';
  return leftOutcomes.includes(fault?.outcome ?? '') ? 'refused' : 'waiting';
}

/** Why the Retail API does not have a row, in its own error names; null where no push has failed. */
export function faultOf({ fault }: FoundRow): string | null {
  if (fault === null) return null;
  const { outcome, error_name: name, status } = fault;
  const more = [name, status === null ? null : `HTTP ${status}`].filter((one) => one !== null);
  return more.length === 0 ? outcome : `${outcome} (${more.join(', ')})`;
}

export function toRowReply(row: FoundRow): Found['rows'][number] {
  return {
    payment_id: row.paymentId,
    order_id: row.orderId,
    uid: row.uid,
    gateway: row.gateway,
    kind: row.kind,
    amount: row.amountCents,
    mode: row.mode,
    occurred_at: seconds(row.occurredAt),
    created_at: seconds(row.createdAt),
    state: stateOf(row),
    fault: row.isSynced ? null : faultOf(row),
  };
}

export function toParkedReply(event: FoundEvent): Found['parked'][number] {
  const { releaseAt, recheckAt, resolvedAt } = event;
  const waits = releaseAt === null ? (recheckAt === null ? 'person' : 'question') : 'release';
  return {
    parked_id: event.id,
    gateway: event.gateway,
    event_type: event.eventType,
    reason: event.reason,
    message: event.message,
    subjects: [...event.subjects],
    amount: event.amountCents,
    parked_at: seconds(event.parkedAt),
    next: resolvedAt === null ? waits : 'resolved',
    next_at: seconds(releaseAt ?? recheckAt),
  };
}
