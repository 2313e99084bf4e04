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

/** The most payments that AnyPay lists at once. Each has about 400 bytes; a text may make it more. */
export const PAGE_LENGTH = 1000;
const MAX_PAGE_BYTES = 8_000_000;

/** A payment as AnyPay's API shows it. */
export interface AnypayPayment {
  readonly transactionId: string;
  readonly status: string;
  readonly amountCents: number | undefined;
  readonly currency: string;
  /** Undefined when the API gives no readable time. */
  readonly paidAt: Date | undefined;
}

/** An entry of the list of all payments. */
export interface Listed {
  /** The transaction id, or else the whole entry: the same entry has the same key on every page. */
  readonly key: string;
  /** The order that it names. */
  readonly payId: string;
  /** When it was paid, or else made. Undefined when the API gives no readable time. */
  readonly at: Date | undefined;
  readonly payment: AnypayPayment | Unusable;
}

/** A part of the list of all payments. */
export interface Page {
  /** The number of entries, read or not. */
  readonly length: number;
  /** The number of payments on all pages, as AnyPay says. */
  readonly total: number;
  readonly listed: readonly Listed[];
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

/** A page of the whole list: without the number of all payments it is half an answer. */
const pageReply = z.object({
  result: z.object({
    total: z
      .string()
      .regex(/^\d{1,12}$/)
      .transform(Number),
    payments: reply.shape.result.shape.payments,
  }),
});

/** An entry of the list. It may be of another order, and then its other fields do not matter. */
const anyEntry = z.looseObject({ pay_id: z.string() });

/** The fields that are read of an entry even where the rest of it cannot be. */
const outline = z.object({
  transaction_id: entry.shape.transaction_id.optional().catch(undefined),
  date: z.string().optional().catch(undefined),
  pay_date: z.string().optional().catch(undefined),
});

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
    const { data, json } = await this.#list(reply, { pay_id: payId });
    if (data === undefined) throw toError(json);
    return Object.values(data.result.payments ?? {})
      .filter((one) => anyEntry.safeParse(one).data?.pay_id === payId)
      .map(toPayment);
  }

  /**
   * Lists the payments of all orders from one on. AnyPay does not say in which order they come.
   * Entries that name no order are left out.
   * @param offset how many entries are passed over.
   * @throws Unavailable when AnyPay gives no readable answer.
   * @throws Misconfigured when AnyPay refuses our key.
   */
  async listPage(offset: number): Promise<Page> {
    const { data, json } = await this.#list(pageReply, { offset: String(offset) });
    if (data === undefined) throw toError(json);
    const entries = Object.values(data.result.payments ?? {});
    return { length: entries.length, total: data.result.total, listed: entries.flatMap(toListed) };
  }

  /** `payments`, whose signature covers the project alone. */
  async #list<Schema extends z.ZodType>(schema: Schema, filter: Readonly<Record<string, string>>) {
    const { apiUrl, apiId, projectId } = this.#config;
    const url = new URL(`${apiUrl}/payments/${encodeURIComponent(apiId)}`);
    const sign = signApiCall(this.#config, 'payments', [projectId]);
    url.search = new URLSearchParams({ project_id: projectId, ...filter, sign }).toString();
    const headers = { accept: 'application/json' };
    const { text } = await exchange('AnyPay', url, {
      headers,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_PAGE_BYTES,
    });
    const json = parseLiterals(text);
    return { json, data: schema.safeParse(json).data };
  }
}

function toListed(given: unknown): Listed[] {
  const payId = anyEntry.safeParse(given).data?.pay_id;
  const { data } = outline.safeParse(given);
  if (payId === undefined || data === undefined) return [];
  return [
    {
      key: data.transaction_id ?? JSON.stringify(given),
      payId,
      at: moscowTime(data.pay_date ?? '') ?? moscowTime(data.date ?? ''),
      payment: toPayment(given),
    },
  ];
}

function toPayment(given: unknown): AnypayPayment | Unusable {
  const { data } = entry.safeParse(given);
  if (data === undefined) {
    const id = outline.safeParse(given).data?.transaction_id;
    const about = id ?? anyEntry.safeParse(given).data?.pay_id ?? 'payments';
    return new Unusable('AnyPay lists a payment that cannot be read.', { about });
  }
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
    ? new Misconfigured(
        `AnyPay's API refuses ANYPAY_API_ID or ANYPAY_API_KEY (${code}): set both from the page of the API.`,
      )
    : new Unavailable('AnyPay did not answer.');
}
