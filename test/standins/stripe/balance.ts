import type { Account } from './account.ts';
import type { BalanceTransaction } from './objects.ts';

type Type = 'charge' | 'refund' | 'refund_failure' | 'adjustment';

/** A movement of the account's balance: `amount` signed and gross, `net` is amount less fee. */
export function newBalanceTransaction(
  account: Account,
  type: Type,
  fields: Pick<BalanceTransaction, 'amount' | 'currency' | 'reporting_category' | 'source'> & {
    fee?: number;
  },
): BalanceTransaction {
  const { fee = 0, ...rest } = fields;
  const detail = {
    amount: fee,
    application: null,
    currency: fields.currency,
    description: 'Stripe processing fees',
    type: 'stripe_fee',
  };
  return account.add<BalanceTransaction>({
    id: account.newIdFor('balance_transaction'),
    object: 'balance_transaction',
    available_on: account.now(),
    balance_type: 'payments',
    created: account.now(),
    description: null,
    exchange_rate: null,
    fee,
    fee_details: fee === 0 ? [] : [detail],
    net: fields.amount - fee,
    status: 'available',
    type,
    ...rest,
  });
}
