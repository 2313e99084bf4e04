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
import type { RefundRequest } from '../ledger/refund-request';
import type { RefundRequests } from '../ledger/refund-requests';
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
  const called = await callGateway(desk, refunds, begun, {
    address,
    // Only the command that has written a request is the first to call the gateway for it.
    earlier: begun.state === 'sent' ? 'taken' : begun.line === asked.line ? 'none' : 'unknown',
  });
  if (called.state === 'failed') return called;
  await bookReport(look, called);
  return requests.endBooked(called, now());
}

async function callGateway(
  { look, requests }: RefundDesk,
  refunds: Able,
  request: RefundRequest,
  more: Pick<RefundedPayment, 'address' | 'earlier'>,
): Promise<RefundRequest> {
  const { name, pipeline } = look;
  const refunded = { ...(await readRefunded(name, requests, request)), ...more };
  // A call that has slept gives way: another one may have the request by now.
  if (pipeline.now() >= request.callUntil) throw new Unavailable('The call took too long.');
  let refundId: string;
  try {
    ({ refundId } = await refunds.refund(refunded, request.amountCents, request.id));
  } catch (error) {
    log.failure(error, { gateway: name, payment_id: request.paymentId });
    const fault = error instanceof PaymentsError ? error.message : 'An unexpected error.';
    const state = stateAfter(error, refunds.knowsKeys, more.earlier);
    const noted = await requests.note(request, { state, fault }, pipeline.now());
    if (error instanceof PaymentsError) return noted;
    throw error;
  }
  return requests.note(request, { state: 'sent', refundId, fault: null }, pipeline.now());
}

/** The payment of a request, as its gateway is told of it. */
async function readRefunded(
  gateway: string,
  requests: RefundRequests,
  { paymentId, refundedCents }: RefundRequest,
): Promise<Omit<RefundedPayment, 'address' | 'earlier'>> {
  const { payment, rows } = await requests.readPayment(paymentId);
  const paid = rows.filter(({ kind }) => kind === 'payment');
  return {
    paymentId: movementIdOf(gateway, paymentId) ?? paymentId,
    orderId: payment.orderId,
    amountCents: paid.reduce((cents, { amountCents }) => cents + (amountCents ?? 0), 0),
    refundedCents,
  };
}

/**
 * What an error makes of a request. A refusal says that nothing was given back by this call; of an
 * earlier one, whose answer was lost, only a gateway that knows the key can say so.
 */
function stateAfter(
  error: unknown,
  knowsKeys: boolean,
  earlier: RefundedPayment['earlier'],
): RefundRequest['state'] {
  const isFirst = earlier === 'none';
  if (error instanceof Conflict && (isFirst || knowsKeys)) return 'failed';
  if (isFirst && (error instanceof Misconfigured || error instanceof NotFound)) return 'failed';
  return earlier === 'taken' ? 'sent' : 'unknown';
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
