import { CUSTOMER_LEASE_MARGIN_MS } from '../config/limits';
import { Unavailable } from '../errors';
import type { Call, Reply } from '../http/call';
import { openCustomerLease } from '../retail/customer-lease';
import { openHistory } from '../ledger/history';
import { readRetailConfig } from '../retail/config';
import { openRetailApi, type Balance } from '../retail/retail-api';
import type { getBalance } from './calls';
import { expectCustomerId } from '../ids';

/** Rounds in which what is pending may go on changing. */
const MOST_ROUNDS = 3;

/** A customer that is being made holds nothing. */
const NOTHING: Balance = { total: 0, reserved: 0 };

export async function openBalances() {
  const config = readRetailConfig();
  const now = () => new Date();
  const retail = await openRetailApi();
  const history = openHistory();
  const customers = openCustomerLease();

  const created = async (uid: string): Promise<Balance> => {
    const until = new Date(now().getTime() + config.timeoutMs + CUSTOMER_LEASE_MARGIN_MS);
    if (!(await customers.lease(uid, now(), until))) return NOTHING;
    if (await retail.createCustomer(uid)) return NOTHING;
    // A payment was quicker, and may have brought its money.
    const balance = await retail.balance(uid);
    if (balance !== undefined) return balance;
    throw new Unavailable('The Retail API does not know a customer that it has.');
  };

  /**
   * The balance is read after the sum of what it lacks, so that money is never in neither; where the
   * sum has changed by then, once more, so that it is hardly ever in both.
   */
  const told = async (uid: string): Promise<Reply<typeof getBalance>> => {
    let pending = await history.pendingCents(uid);
    for (let round = 1; ; round += 1) {
      const balance = (await retail.balance(uid)) ?? (await created(uid));
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
      const answer = told(uid);
      answers.set(uid, answer);
      const keep = () => setTimeout(forget, config.balanceCacheMs, uid).unref();
      answer.then(keep, () => forget(uid));
      return answer;
    },
  };
}
