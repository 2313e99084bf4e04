import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AskedPayment, GatewayEvent } from '../../gateway';
import { centsOf } from '../../money';
import type { SignedReport } from './signature';

/** A service callback. */
export interface WayforpayEvent extends GatewayEvent {
  readonly orderReference: string;
  readonly status: string;
  /** Undefined when the callback's amount is not one: see `centsOf`. */
  readonly amountCents: number | undefined;
  readonly currency: string;
  readonly processedAt: Date;
}

/**
 * Reads a callback whose signature is right.
 * @param now the time of an event whose callback names none. The signature does not cover the time,
 *   so it only ever becomes the time of a row.
 */
export function parseEvent(report: SignedReport, now: Date): WayforpayEvent {
  const { merchantSignature, processingDate, transactionStatus: status } = report;
  return {
    // Stands for the signed fields: only a repeated callback has the same signature.
    id: createHash('sha256').update(merchantSignature).digest('hex').slice(0, 32),
    type: /^\w{1,40}$/.test(status) ? status : 'unreadable',
    orderReference: report.orderReference,
    status,
    amountCents: centsOf(report.amount),
    currency: report.currency,
    processedAt: processingDate === undefined ? now : new Date(Number(processingDate) * 1000),
  };
}

const parkedEvent = z.object({ orderReference: z.string().min(1) });

/** The payment that a parked callback is about. Undefined when its stored fields do not tell. */
export function subjectOf(event: unknown): AskedPayment | undefined {
  const { data } = parkedEvent.safeParse(event);
  if (data === undefined) return undefined;
  // The one payment of an order has the order's id.
  return { orderId: data.orderReference, ref: null, paymentId: data.orderReference };
}
