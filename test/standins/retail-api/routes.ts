import type { Call, Reply } from '../http.ts';
import type { AppliedTransaction, Book } from './book.ts';
import { refusal } from './errors.ts';
import type { Faults } from './faults.ts';
import { isCustomerId, malformedField, text } from './fields.ts';
import type { Fields } from './fields.ts';

const SUCCESS: Reply = { status: 200, body: { result: 'success' } };

/** The answers of the API that its documentation leaves open. */
export interface RetailSettings {
  /** A transaction id seen before with the same content: success without effect, or 409. */
  repeats: 'success' | 'conflict';
  /** A deduction below zero: booked, or 402. */
  overdraft: 'allowed' | 'refused';
  /** Calls answered in any second; the others meet 429 and the second in which it is over. */
  callsPerSecond: number;
}

/** What the routes work on. */
export interface Desk {
  book: Book;
  faults: Faults;
  settings: RetailSettings;
  /** When the calls of the last second were answered, in ms since the epoch. */
  answeredAt: number[];
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** The answer to a call whose key has been checked; `path` is relative to the base URL. */
export function route(
  desk: Desk,
  path: string,
  call: Call,
  fields: Fields,
): Reply | Promise<Reply> {
  switch (`${call.method} ${path.replace(/customer\/[^/]+/, 'customer/:id')}`) {
    case 'POST /retail/m/customer':
      return create(desk, fields.customerId);
    case 'POST /retail/m/customer/:id/transaction':
      return transact(desk, fields);
    case 'GET /retail/a/customer/:id/balance':
      return balance(desk, fields.customerId);
    case 'GET /retail/a/customer/:id/transactions':
      return list(desk, fields.customerId, call.query);
    default:
      return refusal(404, 'no such route');
  }
}

function create(desk: Desk, customerId: unknown): Promise<Reply> {
  return desk.faults.around('create', [], () => {
    if (!isCustomerId(customerId)) return refusal(400, 'customer_id is malformed');
    if (desk.book.addCustomer(customerId)) return SUCCESS;
    return refusal(409, 'customer exists', 'CustomerAlreadyExistsException');
  });
}

function transact(desk: Desk, fields: Fields): Promise<Reply> {
  const ids = [text(fields.customerId) ?? '', text(fields.transactionId) ?? ''];
  return desk.faults.around('transaction', ids, () => {
    const field = malformedField(fields);
    return field ? refusal(400, `${field} is malformed`) : apply(desk, fields);
  });
}

function apply(desk: Desk, fields: Fields): Reply {
  const transaction: AppliedTransaction = {
    transactionId: String(fields.transactionId),
    customerId: String(fields.customerId),
    amountCents: Number(fields.amount),
    gateway: text(fields.gateway),
    appliedAt: desk.now(),
  };
  switch (desk.book.apply(transaction, desk.settings.overdraft === 'allowed')) {
    case 'applied':
      return SUCCESS;
    case 'repeated':
      return desk.settings.repeats === 'success'
        ? SUCCESS
        : refusal(409, 'transaction exists', 'TransactionAlreadyExistsException');
    case 'mismatch':
      return refusal(409, 'the id belongs to another transaction', 'TransactionMismatchException');
    case 'unknown customer':
      return unknownCustomer();
    case 'overdrawn':
      return refusal(402, 'not enough balance');
  }
}

function balance(desk: Desk, customerId: unknown): Promise<Reply> {
  return desk.faults.around('balance', [text(customerId) ?? ''], () => {
    const total = desk.book.balance(String(customerId));
    return total === null ? unknownCustomer() : { status: 200, body: { total, reserved: 0 } };
  });
}

function list(desk: Desk, customerId: unknown, query: URLSearchParams): Reply {
  if (desk.book.balance(String(customerId)) === null) return unknownCustomer();
  const page = Number(query.get('page') ?? 1);
  const limit = Number(query.get('limit') ?? 10);
  if (!(Number.isInteger(page) && page >= 1)) return refusal(400, 'page is malformed');
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= 100)) {
    return refusal(400, 'limit is malformed');
  }
  const all = desk.book.transactions(String(customerId)).reverse();
  const transactions = all.slice((page - 1) * limit, page * limit).map(listed);
  const pages = Math.ceil(all.length / limit);
  return { status: 200, body: { transactions, page, limit, pages, total: all.length } };
}

function listed(transaction: AppliedTransaction): object {
  return {
    customer_id: transaction.customerId,
    transaction_id: transaction.transactionId,
    gateway: transaction.gateway,
    amount: transaction.amountCents,
    created_at: Math.floor(transaction.appliedAt / 1000),
  };
}

function unknownCustomer(): Reply {
  return refusal(404, 'no such customer', 'CustomerNotFoundException');
}
