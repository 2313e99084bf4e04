import type { Account } from './account.ts';
import { invalid } from './errors.ts';
import { page } from './lists.ts';

const EXPANDABLE = new Set([
  'balance_transaction',
  'charge',
  'failure_balance_transaction',
  'latest_charge',
  'payment_intent',
  'review',
]);

/** A copy of `object` with the ids at `paths`, such as `latest_charge.review`, made objects. */
export function expanded(account: Account, object: object, paths: readonly string[]): object {
  const copy = structuredClone(object);
  for (const path of paths) walk(account, copy, path.split('.'), path);
  return copy;
}

function walk(account: Account, node: unknown, segments: readonly string[], path: string): void {
  const [name, ...rest] = segments;
  if (name === undefined || typeof node !== 'object' || node === null) return;
  const fields = node as Record<string, unknown>;
  if (name === 'data' && Array.isArray(fields['data'])) {
    for (const item of fields['data']) walk(account, item, rest, path);
    return;
  }
  fields[name] = opened(account, fields, name, path);
  walk(account, fields[name], rest, path);
}

function opened(
  account: Account,
  fields: Record<string, unknown>,
  name: string,
  path: string,
): unknown {
  if (name === 'refunds' && fields['object'] === 'charge') {
    return refundsOf(account, String(fields['id']));
  }
  if (!EXPANDABLE.has(name)) {
    throw invalid('expand', `This property cannot be expanded (${path}).`);
  }
  const value = fields[name];
  return typeof value === 'string' ? structuredClone(account.find(value) ?? value) : value;
}

function refundsOf(account: Account, chargeId: string): object {
  const refunds = account.all('refund').filter((refund) => refund.charge === chargeId);
  return page(refunds, {}, `/v1/charges/${chargeId}/refunds`);
}
