import { CUSTOMER_LEASE_MARGIN_MS } from '../config/limits';
import { Unavailable } from '../errors';
import type { Call, Reply } from '../http/call';
import { openCustomerLease } from '../retail/customer-lease';
import { openHistory } from '../ledger/history';
import { readRetailConfig } from '../retail/config';
import { openRetailApi, type Balance } from '../retail/retail-api';
import type { getBalance } from './calls';
import { expectCustomerId } from '../ids';

/** After this many rounds a sum that still changes is answered as it is. */
const MOST_ROUNDS = 3;

/** The balance of a customer that is just being created. */
const NOTHING: Balance = { total: 0, reserved: 0 };

export async function openBalances() {
  const config = readRetailConfig();
  const now = () => new Date();
  const retail = await openRetailApi();
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

  /** One user's calls share an answer, and keep it for a while: the Retail API is there for everybody. */
  const answers = new Map<string, Promise<Reply<typeof getBalance>>>();
  const forget = (uid: string) => answers.delete(uid);

  return {
    async read({ caller: { uid } }: Call<typeof getBalance>): Promise<Reply<typeof getBalance>> {
      expectCustomerId(uid);
      const known = answers.get(uid);
      if (known !== undefined) return known;
      const answer = readBalance(uid);
      answers.set(uid, answer);
      const keep = () => setTimeout(forget, config.balanceCacheMs, uid).unref();
      answer.then(keep, () => forget(uid));
      return answer;
    },
  };
}
