import { z } from 'zod';
import { Misconfigured, Unavailable, Unusable } from '../../errors';
import { centsOf } from '../../money';
import { parseLiterals } from '../../json';
import { exchange } from '../../outbound';
import { moscowTime } from '../moscow-time';
import type { AnypayConfig } from './config';
import { signApiCall } from './signature';

/** The limit of one call. */
const TIMEOUT_MS = 8_000;

/** A payment as AnyPay's API shows it. */
export interface AnypayPayment {
  readonly transactionId: string;
  readonly status: string;
  readonly amountCents: number | undefined;
  readonly currency: string;
  /** Undefined when the API gives no readable time. */
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

/** Payments by transaction id. An order without payments has null, or PHP's empty array. */
const reply = z.object({
  result: z.object({
    payments: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]).nullable(),
  }),
});

/** An entry of the list. It may be of another order, and then its other fields do not matter. */
const anyEntry = z.looseObject({ pay_id: z.string() });

const failure = z.object({ error: z.object({ code: z.string() }) });

/** Error codes about our key, its signature, the API's switch or its list of addresses. */
const OUR_FAULTS = new Set(['101', '102', '103', '104']);

/** The calls of AnyPay's API. */
export class AnypayApi {
  readonly #config: AnypayConfig;

  constructor(config: AnypayConfig) {
    this.#config = config;
  }

  /**
   * Lists every payment of an order, in any status. In place of an unreadable payment stands the
   * error. Payments of other orders are left out.
   * @throws Unavailable when AnyPay gives no readable answer.
   * @throws Misconfigured when AnyPay refuses our key.
   */
  async listPayments(payId: string): Promise<readonly (AnypayPayment | Unusable)[]> {
    const json = await this.#call('payments', payId);
    const { data } = reply.safeParse(json);
    if (data === undefined) throw toError(json);
    return Object.values(data.result.payments ?? {})
      .filter((one) => anyEntry.safeParse(one).data?.pay_id === payId)
      .map(toPayment);
  }

  async #call(method: string, payId: string): Promise<unknown> {
    const { apiUrl, apiId, projectId } = this.#config;
    const url = new URL(`${apiUrl}/${method}/${encodeURIComponent(apiId)}`);
    url.searchParams.set('project_id', projectId);
    url.searchParams.set('pay_id', payId);
    url.searchParams.set('sign', signApiCall(this.#config, method, [projectId]));
    const headers = { accept: 'application/json' };
    const { text } = await exchange('AnyPay', url, { headers, timeoutMs: TIMEOUT_MS });
    return parseLiterals(text);
  }
}

function toPayment(given: unknown): AnypayPayment | Unusable {
  const { data } = entry.safeParse(given);
  if (data === undefined) return new Unusable('AnyPay lists a payment that cannot be read.');
  return {
    transactionId: data.transaction_id,
    status: data.status,
    amountCents: centsOf(data.amount),
    currency: data.currency,
    paidAt: moscowTime(data.pay_date ?? ''),
  };
}

function toError(json: unknown): Error {
  const code = failure.safeParse(json).data?.error.code ?? '';
  return OUR_FAULTS.has(code)
    ? new Misconfigured(`AnyPay's API refuses ANYPAY_API_ID or ANYPAY_API_KEY (${code}).`)
    : new Unavailable('AnyPay did not answer.');
}
