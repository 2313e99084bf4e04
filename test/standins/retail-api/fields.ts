import type { Call } from '../http.ts';

const CUSTOMER_ID = /^[a-zA-Z0-9]{1,128}$/;
const TRANSACTION_ID = /^[A-Za-z0-9._-]{1,128}$/;
const GATEWAY = /^[A-Za-z0-9_]{1,32}$/;
const MAX_AMOUNT_CENTS = 10_000_000;

/** What a request says, unchecked. */
export interface Fields {
  /** From the path, or from the body where a customer is created. */
  customerId: unknown;
  transactionId: unknown;
  amount: unknown;
  gateway: unknown;
}

/** The fields of a request; a body that is not JSON has none. */
export function readFields(call: Call): Fields {
  const body = readJson(call.body);
  return {
    customerId: customerIn(call.path) ?? body['customer_id'],
    transactionId: body['transaction_id'],
    amount: body['amount'],
    gateway: body['gateway'],
  };
}

/** Letters and digits only, as the API demands. */
export function isCustomerId(value: unknown): value is string {
  return typeof value === 'string' && CUSTOMER_ID.test(value);
}

/** The first field of a transaction that breaks the API's rules. */
export function malformedField(fields: Fields): string | undefined {
  const { customerId, transactionId, amount, gateway } = fields;
  if (!isCustomerId(customerId)) return 'customer_id';
  if (!matches(TRANSACTION_ID, transactionId)) return 'transaction_id';
  const isAmount = Number.isSafeInteger(amount) && amount !== 0;
  if (!isAmount || Math.abs(Number(amount)) > MAX_AMOUNT_CENTS) return 'amount';
  return gateway === undefined || matches(GATEWAY, gateway) ? undefined : 'gateway';
}

/** The value if it is text, else null. */
export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function customerIn(path: string): string | undefined {
  const segment = /\/retail\/[am]\/customer\/([^/]+)/.exec(path)?.[1];
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function readJson(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
