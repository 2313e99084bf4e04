import { Unavailable } from '../errors';
import type { Call, Reply } from '../http/call';
import { openCustomers } from '../ledger/customers';
import { openHistory } from '../ledger/history';
import { expectCustomerId } from '../ledger/payment-row';
import { readRetailConfig } from '../sync/config';
import { RetailApi, type Balance } from '../sync/retail-api';
import type { getBalance } from './calls';

/** What a lease outlives the longest creation by: Firestore's answers, and clocks that differ. */
const MARGIN_MS = 10_000;

/** A customer that is being made holds nothing. */
const NOTHING: Balance = { total: 0, reserved: 0 };

export function openBalances() {
  const config = readRetailConfig();
  const now = () => new Date();
  const retail = new RetailApi(config, fetch, now);
  const history = openHistory();
  const customers = openCustomers();

  const created = async (uid: string): Promise<Balance> => {
    const until = new Date(now().getTime() + config.timeoutMs + MARGIN_MS);
    if (!(await customers.lease(uid, now(), until))) return NOTHING;
    if (await retail.createCustomer(uid)) return NOTHING;
    // A payment was quicker, and may have brought its money.
    const balance = await retail.balance(uid);
    if (balance !== undefined) return balance;
    throw new Unavailable('The Retail API does not know a customer that it has.');
  };

  return {
    async read({ caller: { uid } }: Call<typeof getBalance>): Promise<Reply<typeof getBalance>> {
      expectCustomerId(uid);
      const [balance, pending] = await Promise.all([
        retail.balance(uid).then((found) => found ?? created(uid)),
        history.pendingCents(uid),
      ]);
      return { ...balance, pending };
    },
  };
}
