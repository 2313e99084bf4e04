import { z } from 'zod';
import { HOUR_MS } from '../../config/limits';
import { Misconfigured, Unavailable, Unusable } from '../../errors';
import { parseLiterals } from '../../json';
import { centsOf } from '../../money';
import { exchange } from '../../outbound';
import type { ApiConfig } from './config';

/** The limit of one call. */
const TIMEOUT_MS = 8_000;

/** The most transactions that `history` lists at once. Each has about 600 bytes. */
export const PAGE_LENGTH = 1000;
const MAX_PAGE_BYTES = 8_000_000;

/** Payeer blocks an API user after some wrong passwords, and does not say after how many. */
const REFUSED_PAUSE_MS = 6 * HOUR_MS;

/** Payeer's times are Moscow's: in its documents 14:05:48 is the unix time of 11:05:48. */
const MOSCOW_MS = 3 * HOUR_MS;

/** A payment that was made, as `paymentDetails` shows it. */
export interface PayeerPayment {
  /** `merchantTransactionId`. Payeer does not say whether it is the `m_operation_id` of notices. */
  readonly transactionId: string;
  /** The invoiced amount. */
  readonly amountCents: number | undefined;
  readonly currency: string;
  /** Undefined when the API gives no readable time. */
  readonly paidAt: Date | undefined;
}

/** A payment to our shop, as `history` shows it. */
export interface Transfer {
  readonly id: string;
  readonly orderId: string;
}

/** A part of the history. */
export interface Page {
  /** A key for every transaction, of whatever kind: the same one has the same key on every page. */
  readonly keys: readonly string[];
  /** The greatest id: the next page goes on after it. */
  readonly lastId: string | undefined;
  readonly transfers: readonly (Transfer | Unusable)[];
}

const envelope = z.looseObject({ auth_error: z.string(), errors: z.unknown() });

/** PHP writes a list as an object when its keys have gaps, and an empty object as `[]`. */
const rows = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]);
const details = z.object({ items: rows.nullish() });
const history = z.object({ history: rows });

const number = z.string().regex(/^\d{1,20}$/);
const time = z.union([z.string(), z.literal(false)]).nullish();
const processing = z.object({ processed: time, processed_ts: time });

const item = z.object({
  referenceId: z.string(),
  merchantTransactionId: number,
  amount: z.string(),
  currency: z.string(),
});

/** A field that may be missing, or hold anything. */
const perhaps = z.string().optional().catch(undefined);

const transaction = z.object({
  id: number.optional().catch(undefined),
  type: perhaps,
  status: perhaps,
  shopId: perhaps,
  shopOrderId: perhaps,
  shop: z.object({ id: perhaps, orderid: perhaps }).optional().catch(undefined),
});

/** The calls of Payeer's API, https://github.com/payeer/docs/blob/main/rest-api/en.md. */
export class PayeerApi {
  readonly #config: ApiConfig;
  readonly #now: () => Date;
  /** Payeer has refused us: until then it is not asked again. */
  #refusedUntilMs = 0;

  constructor(config: ApiConfig, now: () => Date) {
    this.#config = config;
    this.#now = now;
  }

  /**
   * Lists the payments of an order that were made, the last 10. In place of one that cannot be read
   * stands the error.
   * @throws Unavailable when Payeer gives no readable answer.
   * @throws Misconfigured when Payeer refuses us.
   */
  async listPayments(orderId: string): Promise<readonly (PayeerPayment | Unusable)[]> {
    const { merchantId } = this.#config;
    const fields = { action: 'paymentDetails', merchantId, referenceId: orderId };
    const { items } = await this.#call(details, fields);
    // `success` is not looked at: Payeer does not document what it says of an order without payments.
    return Object.values(items ?? []).flatMap((one) => toPayment(one, orderId));
  }

  /**
   * Lists the payments to our shop among the account's transactions of a span of time, oldest first.
   * @param after the id of the transaction after which the page begins.
   * @throws as `listPayments`.
   */
  async listTransfers(since: Date, until: Date, after: string | undefined): Promise<Page> {
    const answer = await this.#call(history, {
      action: 'history',
      type: 'incoming',
      sort: 'asc',
      count: String(PAGE_LENGTH),
      from: toMoscowText(since),
      to: toMoscowText(until),
      ...(after !== undefined && { append: after }),
    });
    const given = Object.values(answer.history);
    const read = given.map((one) => transaction.safeParse(one).data);
    const ids = read.flatMap((one) => one?.id ?? []);
    return {
      keys: given.map((one, index) => read[index]?.id ?? JSON.stringify(one)),
      lastId: ids.reduce<string | undefined>(
        (most, id) => (isLess(most, id) ? id : most),
        undefined,
      ),
      transfers: read.flatMap((one) => toTransfer(one, this.#config.merchantId)),
    };
  }

  async #call<Schema extends z.ZodType>(
    schema: Schema,
    fields: Readonly<Record<string, string>>,
  ): Promise<z.output<Schema>> {
    if (this.#now().getTime() < this.#refusedUntilMs) throw refusal();
    const { url, account, apiId, password } = this.#config;
    const form = new URLSearchParams({ account, apiId, apiPass: password, ...fields });
    const { ok, text } = await exchange('Payeer', url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_PAGE_BYTES,
    });
    const json = parseLiterals(text);
    const { data: answer } = envelope.safeParse(json);
    if (!ok || answer === undefined) throw new Unavailable('Payeer did not answer.');
    if (answer.auth_error !== '0') {
      this.#refusedUntilMs = this.#now().getTime() + REFUSED_PAUSE_MS;
      throw refusal();
    }
    const { data } = schema.safeParse(json);
    if (!isEmpty(answer.errors) || data === undefined) {
      throw new Unavailable('Payeer answered with an error.');
    }
    return data;
  }
}

function refusal(): Misconfigured {
  const names = 'PAYEER_ACCOUNT, PAYEER_API_ID or PAYEER_API_PASSWORD';
  return new Misconfigured(
    `Payeer's API refuses ${names}, or has blocked our address or user: check the API user on the account's page.`,
  );
}

/** Some texts that Payeer writes where there was no error; it may also leave the list empty. */
const NO_ERRORS: readonly unknown[] = [null, false, '', '0', 'false', 'null'];

function isEmpty(errors: unknown): boolean {
  if (typeof errors === 'object' && errors !== null) return Object.keys(errors).length === 0;
  return NO_ERRORS.includes(errors);
}

function isLess(one: string | undefined, other: string): boolean {
  return one === undefined || BigInt(one) < BigInt(other);
}

/** An invoice that was not paid, or of another order, is no payment. */
function toPayment(given: unknown, orderId: string): (PayeerPayment | Unusable)[] {
  const { data: times } = processing.safeParse(given);
  if (times !== undefined && !isProcessed(times)) return [];
  const { data } = item.safeParse(given);
  if (times === undefined || data === undefined) {
    const about = item.pick({ merchantTransactionId: true }).safeParse(given).data;
    return [
      new Unusable('Payeer shows a payment that cannot be read.', {
        about: about?.merchantTransactionId ?? orderId,
      }),
    ];
  }
  if (data.referenceId !== orderId) return [];
  return [
    {
      transactionId: data.merchantTransactionId,
      amountCents: centsOf(data.amount),
      currency: data.currency,
      paidAt: isUnixTime(times.processed_ts)
        ? new Date(Number(times.processed_ts) * 1000)
        : undefined,
    },
  ];
}

function isProcessed({ processed, processed_ts }: z.output<typeof processing>): boolean {
  return isUnixTime(processed_ts) || /[1-9]/.test(processed || '');
}

function isUnixTime(text: z.output<typeof time>): boolean {
  return /^[1-9]\d{0,10}$/.test(text || '');
}

/** A transaction is left out when it says that it is another, or not complete. */
function toTransfer(
  one: z.output<typeof transaction> | undefined,
  merchantId: string,
): (Transfer | Unusable)[] {
  const { id, type = 'sci', status = 'success', shop } = one ?? {};
  const shopId = one?.shopId ?? shop?.id ?? merchantId;
  if (type !== 'sci' || status !== 'success' || shopId !== merchantId) return [];
  const orderId = one?.shopOrderId ?? shop?.orderid;
  if (id !== undefined && orderId !== undefined) return [{ id, orderId }];
  const about = id ?? 'history';
  return [new Unusable("Payeer's history has a payment that cannot be read.", { about })];
}

/** `2026-12-31 23:59:59` as clocks in Moscow show it. */
function toMoscowText(at: Date): string {
  return new Date(at.getTime() + MOSCOW_MS).toISOString().slice(0, 19).replace('T', ' ');
}
