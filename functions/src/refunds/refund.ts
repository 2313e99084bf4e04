import {
  Conflict,
  Malformed,
  Misconfigured,
  NotFound,
  PaymentsError,
  Unavailable,
  Unusable,
} from '../errors';
import type { Gateway, GatewayEvent, RefundedPayment, Refunds } from '../gateway';
import type { RefundRequest, RefundRequests } from '../ledger/refund-requests';
import { log } from '../log';
import { askNow } from '../reconcile/ask-now';
import { movementIdOf, type SecondLook } from '../reconcile/second-look';
import { decide, type RefundAsked } from './decision';

/** A gateway that is asked to give money back, and the books. */
export interface RefundDesk {
  readonly look: SecondLook;
  readonly gateway: Pick<Gateway<GatewayEvent>, 'refunds'>;
  readonly requests: RefundRequests;
}

/** A gateway that can give money back. */
type Able = Exclude<Refunds, { readonly can: 'none' }>;

/** @throws Conflict for a gateway that cannot. */
function able({ refunds }: RefundDesk['gateway']): Able {
  if (refunds !== undefined && refunds.can !== 'none') return refunds;
  throw new Conflict('This gateway gives nothing back through its API: see its steps by hand.');
}

/** @throws Malformed when the gateway needs an address and has none, or the other way round. */
function addressFor({ needsAddress }: Able, address: string | undefined): string {
  if (needsAddress === undefined) {
    if (address === undefined) return '';
    throw new Malformed('This gateway gives money back as it came: it takes no address.');
  }
  if (address !== undefined) return address;
  throw new Malformed(`Tell the address to pay to (--address): ${needsAddress}.`);
}

/**
 * Gives money of a payment back, in an order that a crash cannot harm: the request is written, the
 * gateway is called with its id as the key, its answer is written, and the gateway is asked for its own
 * report, of which the row is made. The same call once more finishes a request that was left.
 * @throws NotFound, Conflict and Forbidden as `decide`, and Malformed.
 */
export async function refundPayment(desk: RefundDesk, asked: RefundAsked): Promise<RefundRequest> {
  const { look, requests } = desk;
  const { settings, now } = look.pipeline;
  const refunds = able(desk.gateway);
  const address = addressFor(refunds, asked.address);
  const begun = await requests.begin(
    asked.paymentId,
    (found) => decide(found, asked, refunds.can, settings, now()),
    now(),
  );
  // Only the command that has written a request is the first to call the gateway for it.
  const isFirst = begun.line === asked.line;
  const called = await callGateway(desk, refunds, begun, { isFirst, address });
  if (called.state === 'failed') return called;
  await bookReport(look, called);
  return requests.endBooked(called, now());
}

async function callGateway(
  { look, requests }: RefundDesk,
  { refund }: Able,
  request: RefundRequest,
  { isFirst, address }: { readonly isFirst: boolean; readonly address: string },
): Promise<RefundRequest> {
  const { name, pipeline } = look;
  const { payment, rows } = await requests.readPayment(request.paymentId);
  const id = movementIdOf(name, payment.paymentId);
  const paid = rows.filter(({ kind }) => kind === 'payment');
  const refunded: RefundedPayment = {
    paymentId: id ?? payment.paymentId,
    orderId: payment.orderId,
    amountCents: paid.reduce((cents, { amountCents }) => cents + (amountCents ?? 0), 0),
    refundedCents: request.refundedCents,
    address,
  };
  const note = async (end: Pick<RefundRequest, 'state' | 'refundId' | 'fault'>) => {
    await requests.note(request, end, pipeline.now());
    return { ...request, ...end };
  };
  try {
    const { refundId } = await refund(refunded, request.amountCents, request.id);
    return await note({ state: 'sent', refundId, fault: null });
  } catch (error) {
    log.failure(error, { gateway: name, payment_id: request.paymentId });
    const fault = error instanceof PaymentsError ? error.message : 'An unexpected error.';
    const isOver = hasGivenNothing(error, isFirst);
    const isTaken = request.state === 'sent';
    const state = isOver ? 'failed' : isTaken ? 'sent' : 'unknown';
    const noted = await note({ state, refundId: request.refundId, fault });
    if (error instanceof PaymentsError) return noted;
    throw error;
  }
}

/**
 * Whether an error says that nothing was given back by a request. A call that is refused for its keys
 * or its id says nothing about an earlier one, whose answer may have been lost.
 */
function hasGivenNothing(error: unknown, isFirst: boolean): boolean {
  if (error instanceof Conflict) return true;
  return isFirst && (error instanceof Misconfigured || error instanceof NotFound);
}

/** The webhook and the schedules book the report, too: a fault here costs time only. */
async function bookReport(look: SecondLook, { paymentId }: RefundRequest): Promise<void> {
  try {
    await askNow(look, paymentId);
  } catch (error) {
    const isKnown = error instanceof Unavailable || error instanceof Unusable;
    if (!isKnown && !(error instanceof PaymentsError)) throw error;
    log.failure(error, { gateway: look.name, payment_id: paymentId });
  }
}
