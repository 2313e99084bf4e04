import { CUSTOMER_LEASE_MARGIN_MS } from '../config/limits';
import { Unavailable } from '../errors';
import type { Call, Reply } from '../http/call';
import { openCustomerLease } from '../retail/customer-lease';
import { openHistory } from '../ledger/history';
import { readRetailConfig } from '../retail/config';
import { RetailApi, type Balance } from '../retail/retail-api';
import type { getBalance } from './calls';
import { expectCustomerId } from '../ids';

/** After this many rounds a sum that still changes is answered as it is. */
const MOST_ROUNDS = 3;

/** The balance of a customer that is just being created. */
const NOTHING: Balance = { total: 0, reserved: 0 };

export function openBalances() {
  const config = readRetailConfig();
  const now = () => new Date();
  const retail = new RetailApi(config, fetch, now);
  const history = openHistory();
  const customerLease = openCustomerLease();

  const createCustomer = async (uid: string): Promise<Balance> => {
    const until = new Date(now().getTime() + config.timeoutMs + CUSTOMER_LEASE_MARGIN_MS);
    if (!(await customerLease.lease(uid, now(), until))) return NOTHING;
    if (await retail.createCustomer(uid)) return NOTHING;
    // A payment has created the customer in the meantime, and may have credited it.
    const balance = await retail.balance(uid);
    if (balance !== undefined) return balance;
    throw new Unavailable('The Retail API does not know a customer that it has.');
  };

  /**
   * Reads the pending sum first and the balance second, so that no money is missing in both. When the
   * pending sum has changed by then, both are read again, so that money is rarely counted in both.
   */
  const readBalance = async (uid: string): Promise<Reply<typeof getBalance>> => {
    let pending = await history.pendingCents(uid);
    for (let round = 1; ; round += 1) {
      const balance = (await retail.balance(uid)) ?? (await createCustomer(uid));
      if (pending === 0 || round === MOST_ROUNDS) return { ...balance, pending };
      const now = await history.pendingCents(uid);
      if (now === pending) return { ...balance, pending };
      pending = now;
    }
  };

  /** Simultaneous calls of one user share one answer, to spare the Retail API. */
  const underWay = new Map<string, Promise<Reply<typeof getBalance>>>();

  return {
    async read({ caller: { uid } }: Call<typeof getBalance>): Promise<Reply<typeof getBalance>> {
      expectCustomerId(uid);
      const answer = underWay.get(uid) ?? readBalance(uid).finally(() => underWay.delete(uid));
      underWay.set(uid, answer);
      return answer;
    },
  };
}
