import { z } from 'zod';
import { Misconfigured, Unavailable } from '../../errors';
import { centsOf } from '../../money';
import { parseLiterals } from '../../json';
import { exchange } from '../../outbound';
import { moscowTime } from '../moscow-time';
import type { AnypayConfig } from './config';
import { apiSignature } from './signatures';

/** For one call. */
const TIMEOUT_MS = 8_000;

/** A payment as AnyPay's API knows it. */
export interface AnypayPayment {
  readonly transactionId: string;
  readonly status: string;
  readonly amountCents: number | undefined;
  readonly currency: string;
  /** Undefined where the API gives no readable time. */
  readonly paidAt: Date | undefined;
}

const entry = z.object({
  transaction_id: z.string().regex(/^\d{1,20}$/),
  pay_id: z.string(),
  status: z.string(),
  amount: z.string(),
  currency: z.string(),
  pay_date: z.string().nullish(),
});

/** Keyed by transaction id; null, or PHP's empty array, when there is none. */
const reply = z.object({
  result: z.object({
    payments: z.union([z.record(z.string(), entry), z.array(entry)]).nullable(),
  }),
});

const failure = z.object({ error: z.object({ code: z.string() }) });

/** Our key, its signature, the API's switch or its list of addresses: for us to put right. */
const OUR_FAULTS = new Set(['101', '102', '103', '104']);

/**
 * Every payment of an order, whatever became of it.
 * @throws Unavailable when there is no answer that can be read, Misconfigured when we are refused.
 */
export async function paymentsOf(
  config: AnypayConfig,
  payId: string,
): Promise<readonly AnypayPayment[]> {
  const json = await call(config, 'payments', payId);
  const { data } = reply.safeParse(json);
  if (data === undefined) throw failed(json);
  return Object.values(data.result.payments ?? {})
    .filter((payment) => payment.pay_id === payId)
    .map((payment) => ({
      transactionId: payment.transaction_id,
      status: payment.status,
      amountCents: centsOf(payment.amount),
      currency: payment.currency,
      paidAt: moscowTime(payment.pay_date ?? ''),
    }));
}

async function call(config: AnypayConfig, method: string, payId: string): Promise<unknown> {
  const { apiUrl, apiId, projectId } = config;
  const url = new URL(`${apiUrl}/${method}/${encodeURIComponent(apiId)}`);
  url.searchParams.set('project_id', projectId);
  url.searchParams.set('pay_id', payId);
  url.searchParams.set('sign', apiSignature(config, method, [projectId]));
  const headers = { accept: 'application/json' };
  const { text } = await exchange('AnyPay', url, { headers, timeoutMs: TIMEOUT_MS });
  return parseLiterals(text);
}

function failed(json: unknown): Error {
  const code = failure.safeParse(json).data?.error.code ?? '';
  return OUR_FAULTS.has(code)
    ? new Misconfigured(`AnyPay's API refuses ANYPAY_API_ID or ANYPAY_API_KEY (${code}).`)
    : new Unavailable('AnyPay did not answer.');
}
