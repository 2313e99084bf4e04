/** One movement of a customer's balance, as the stand-in booked it. */
export interface AppliedTransaction {
  transactionId: string;
  customerId: string;
  /** Signed US cents. */
  amountCents: number;
  gateway: string | null;
  /** Milliseconds since the epoch. */
  appliedAt: number;
}

/** What booking a transaction came to. */
export type Outcome = 'applied' | 'repeated' | 'mismatch' | 'unknown customer' | 'overdrawn';

/** The customers, their transactions and, as the sum of these, their balances. */
export class Book {
  readonly #customers = new Set<string>();
  readonly #transactions = new Map<string, AppliedTransaction>();
  readonly #balances = new Map<string, number>();

  /** False when the customer was there before. */
  addCustomer(customerId: string): boolean {
    if (this.#customers.has(customerId)) return false;
    this.#customers.add(customerId);
    this.#balances.set(customerId, 0);
    return true;
  }

  /** Books the transaction unless its id is known, its customer is not, or a refused overdraft. */
  apply(transaction: AppliedTransaction, overdraftAllowed: boolean): Outcome {
    const known = this.#transactions.get(transaction.transactionId);
    if (known) {
      const same =
        known.amountCents === transaction.amountCents &&
        known.customerId === transaction.customerId;
      return same ? 'repeated' : 'mismatch';
    }
    const balance = this.balance(transaction.customerId);
    if (balance === null) return 'unknown customer';
    const after = balance + transaction.amountCents;
    if (after < 0 && transaction.amountCents < 0 && !overdraftAllowed) return 'overdrawn';
    this.#balances.set(transaction.customerId, after);
    this.#transactions.set(transaction.transactionId, transaction);
    return 'applied';
  }

  /** Cents; null for an unknown customer. */
  balance(customerId: string): number | null {
    return this.#balances.get(customerId) ?? null;
  }

  /** Cents by customer. */
  balances(): Record<string, number> {
    return Object.fromEntries(this.#balances);
  }

  /** In the order of booking; of one customer or of all. */
  transactions(customerId?: string): AppliedTransaction[] {
    const all = [...this.#transactions.values()];
    return customerId === undefined ? all : all.filter((one) => one.customerId === customerId);
  }

  clear(): void {
    this.#customers.clear();
    this.#transactions.clear();
    this.#balances.clear();
  }
}
