import { Unusable } from '../../errors';
import type { AskedPayment } from '../../gateway';
import type { Reported } from '../../movement';
import type { Order } from '../../orders/order';
import { foundCredit, missingExcess } from './credit';
import { invoiceId, toSubject } from './events';
import { isFor, type Invoice, type InvoiceName } from './invoices';
import { alertPerson } from './movements';
import { findOrder, readCredited, settle, type MovementsDeps } from './settlement';

export interface InquiryDeps extends MovementsDeps {
  /** Whether no person is told: the caller reports what it finds. */
  readonly isReadOnly: boolean;
}

/** The statuses of an invoice for which money has arrived, whether it was paid back or not. */
const funded = new Set([
  'paid',
  'paid_over',
  'wrong_amount',
  'refund_process',
  'refund_fail',
  'refund_paid',
]);

/** Whether an invoice of this status may have moved money. */
export function isFunded(status: string): boolean {
  return funded.has(status);
}

/**
 * Reads what the invoice of a payment has moved, as it stands now. A person is told of an invoice
 * that Cryptomus holds or that has failed.
 * @throws Unusable when the invoice is ours and cannot be credited.
 * @throws Unavailable when Cryptomus or Firestore does not answer.
 */
export async function inquire(
  payment: AskedPayment,
  deps: InquiryDeps,
): Promise<readonly Reported[]> {
  const name = nameOf(payment);
  const invoice = name && (await deps.api.readInvoice(name));
  if (name === undefined || invoice === undefined) return [];
  if ('uuid' in name && name.uuid !== invoice.uuid) {
    throw new Unusable('Cryptomus answered with another invoice.', { about: name.uuid });
  }
  const order = await findOrder(invoice, deps);
  if (order === undefined) return [];
  const { uuid, status, isFinal } = invoice;
  const isNotice = !isFunded(status) && toSubject(status, isFinal) === 'notice';
  if (isNotice && !deps.isReadOnly) {
    alertPerson({ id: `${uuid}_${status}`, type: `payment.${status}` });
  }
  return readInvoiceMovements(order, invoice, deps);
}

/** The invoice's own id; or else that of our order, because its binding may be lost. */
function nameOf({ ref, paymentId, orderId }: AskedPayment): InvoiceName | undefined {
  const uuid = invoiceId.safeParse(ref).data ?? invoiceId.safeParse(paymentId).data;
  if (uuid !== undefined) return { uuid };
  return orderId === null ? undefined : { order_id: orderId };
}

/**
 * All that an invoice has moved. No notification is needed for it.
 * @throws Unusable as `inquire`.
 */
export async function readInvoiceMovements(
  order: Order,
  invoice: Invoice,
  deps: MovementsDeps,
): Promise<readonly Reported[]> {
  const { uuid, status } = invoice;
  if (!isFunded(status)) return [];
  if (!isFor(order, invoice)) {
    throw new Unusable('The invoice differs from the order.', { about: uuid });
  }
  const creditedCents = status === 'paid' ? undefined : await readCredited(uuid, deps);
  const cents = foundCredit(invoice, order, creditedCents, deps.config);
  if (cents === undefined) return [];
  const movements = await settle({ order, invoice }, cents, deps, creditedCents);
  const missing = missingExcess(invoice, order, creditedCents);
  return missing === undefined ? movements : [...movements, missing];
}
