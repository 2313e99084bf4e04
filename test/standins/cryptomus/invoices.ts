/** An invoice as the API returns it; amounts are decimals, in the currency of their neighbour. */
export interface Invoice {
  uuid: string;
  order_id: string;
  amount: string;
  payment_amount: string | null;
  payer_amount: string | null;
  payer_currency: string | null;
  currency: string;
  merchant_amount: string | null;
  network: string | null;
  address: string | null;
  from: string | null;
  txid: string | null;
  payment_status: string;
  status: string;
  is_final: boolean;
  url: string;
  /** Unix seconds. */
  expired_at: number;
  additional_data: string | null;
  created_at: string;
  updated_at: string;
  discount: string;
  discount_percent: number;
}

/** What the account keeps of an invoice and does not show. */
export interface Account {
  readonly invoice: Invoice;
  readonly callbackUrl: string | null;
  /** Where the page sends the buyer who has paid, and who has not. */
  readonly urlSuccess: string | null;
  readonly urlReturn: string | null;
  /** Whether an underpayment may be topped up until the invoice expires. */
  readonly isMultiple: boolean;
  /** US cents. */
  arrivedCents: number;
  resends: number;
}

export interface NewInvoice {
  readonly order_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly uuid?: string;
  readonly url_callback?: string | null;
  readonly url_success?: string | null;
  readonly url_return?: string | null;
  readonly lifetime?: number;
  readonly is_payment_multiple?: boolean;
  readonly additional_data?: string | null;
}

/** How the buyer pays. */
export interface Payment {
  /** Worth in US cents; what the invoice asks for unless told otherwise. */
  readonly cents?: number;
  readonly from?: string;
  readonly txid?: string;
  readonly network?: string;
}

/** The invoices of one merchant. Each act changes one and says which notifications it causes. */
export class Invoices {
  readonly #byUuid = new Map<string, Account>();
  readonly #now: () => number;
  readonly #newUuid: () => string;
  /** Where the pages are. */
  readonly #origin: () => string;

  constructor(now: () => number, newUuid: () => string, origin: () => string) {
    this.#now = now;
    this.#newUuid = newUuid;
    this.#origin = origin;
  }

  /** Makes an invoice; for an order id that is known, the old one comes back as it is. */
  make(wanted: NewInvoice): Account {
    const known = this.find({ orderId: wanted.order_id });
    if (known) return known;
    const account: Account = {
      invoice: invoiceOf(wanted, wanted.uuid ?? this.#newUuid(), this.#now(), this.#origin()),
      callbackUrl: wanted.url_callback ?? null,
      urlSuccess: wanted.url_success ?? null,
      urlReturn: wanted.url_return ?? null,
      isMultiple: wanted.is_payment_multiple ?? true,
      arrivedCents: 0,
      resends: 0,
    };
    this.#byUuid.set(account.invoice.uuid, account);
    return account;
  }

  find({ uuid, orderId }: { uuid?: string | undefined; orderId?: string | undefined }) {
    if (orderId === undefined) return this.#byUuid.get(uuid ?? '');
    return this.all().find(({ invoice }) => invoice.order_id === orderId);
  }

  get(uuid: string): Account {
    const account = this.#byUuid.get(uuid);
    if (!account) throw new Error(`there is no invoice ${uuid}`);
    return account;
  }

  /** Oldest first. */
  all(): Account[] {
    return [...this.#byUuid.values()];
  }

  /**
   * Those that were made in a span of time, newest first.
   * @param from as the API reads times: `2026-01-02 3:04:05`, in the time of Moscow.
   */
  listed(from: string | undefined, to: string | undefined): Invoice[] {
    const [since, until] = [momentOf(from) ?? -Infinity, momentOf(to) ?? Infinity];
    return this.all()
      .map(({ invoice }) => invoice)
      .filter(({ created_at: at }) => Date.parse(at) >= since && Date.parse(at) <= until)
      .toReversed()
      .toSorted((one, other) => Date.parse(other.created_at) - Date.parse(one.created_at));
  }

  clear(): void {
    this.#byUuid.clear();
  }

  pay(uuid: string, payment: Payment): string[] {
    const account = this.get(uuid);
    const asked = centsOf(account.invoice.amount);
    account.arrivedCents += payment.cents ?? asked;
    const arrived = coins(account.arrivedCents);
    Object.assign(account.invoice, {
      payment_amount: arrived,
      payer_amount: coins(asked),
      payer_currency: 'USDT',
      merchant_amount: coins(account.arrivedCents - feeOf(account.arrivedCents)),
      network: payment.network ?? 'tron',
      from: payment.from ?? 'TStandinSender',
      txid: payment.txid ?? `standin${uuid.replaceAll('-', '')}`,
    });
    if (account.arrivedCents > asked) return ['confirm_check', this.#turn(account, 'paid_over')];
    if (account.arrivedCents === asked) return ['confirm_check', this.#turn(account, 'paid')];
    if (!account.isMultiple) return ['confirm_check', this.#turn(account, 'wrong_amount')];
    this.#turn(account, 'wrong_amount_waiting');
    return ['confirm_check'];
  }

  expire(uuid: string): string[] {
    const account = this.get(uuid);
    return [this.#turn(account, account.arrivedCents > 0 ? 'wrong_amount' : 'cancel')];
  }

  /** Held by the checks on where the coins come from; nobody is notified. */
  lock(uuid: string): string[] {
    this.#turn(this.get(uuid), 'locked');
    return [];
  }

  isRefundable(uuid: string): boolean {
    return REFUNDABLE.has(this.get(uuid).invoice.status);
  }

  refund(uuid: string): string[] {
    if (!this.isRefundable(uuid)) throw new Error('nothing to pay back');
    return [this.#turn(this.get(uuid), 'refund_process')];
  }

  endRefund(uuid: string, status: 'refund_paid' | 'refund_fail'): string[] {
    return [this.#turn(this.get(uuid), status)];
  }

  #turn({ invoice }: Account, status: string): string {
    invoice.payment_status = status;
    invoice.status = status;
    invoice.is_final = !OPEN.has(status);
    invoice.updated_at = timeOf(this.#now());
    return status;
  }
}

const OPEN = new Set(['check', 'process', 'confirm_check', 'wrong_amount_waiting', 'locked']);
const REFUNDABLE = new Set(['paid', 'paid_over', 'wrong_amount', 'refund_fail']);

/** What Cryptomus reports when an invoice has this status. */
export function payloadOf({ invoice, arrivedCents }: Account, status: string): object {
  const fee = feeOf(arrivedCents);
  return {
    type: 'payment',
    uuid: invoice.uuid,
    order_id: invoice.order_id,
    amount: `${invoice.amount}000000`,
    payment_amount: coins(arrivedCents),
    payment_amount_usd: decimal(arrivedCents),
    merchant_amount: coins(arrivedCents - fee),
    commission: coins(fee),
    is_final: !OPEN.has(status),
    status,
    from: invoice.from,
    wallet_address_uuid: null,
    network: invoice.network,
    currency: invoice.currency,
    payer_currency: invoice.payer_currency,
    additional_data: invoice.additional_data,
    txid: invoice.txid,
  };
}

function invoiceOf(wanted: NewInvoice, uuid: string, now: number, origin: string): Invoice {
  return {
    uuid,
    order_id: wanted.order_id,
    amount: decimal(centsOf(wanted.amount)),
    payment_amount: null,
    payer_amount: null,
    payer_currency: null,
    currency: wanted.currency,
    merchant_amount: null,
    network: null,
    address: null,
    from: null,
    txid: null,
    payment_status: 'check',
    status: 'check',
    is_final: false,
    url: `${origin}/pay/${uuid}`,
    expired_at: Math.floor(now / 1000) + (wanted.lifetime ?? 3600),
    additional_data: wanted.additional_data ?? null,
    created_at: timeOf(now),
    updated_at: timeOf(now),
    discount: '0.00000000',
    discount_percent: 0,
  };
}

/** Two of a hundred, a cent at least. */
function feeOf(cents: number): number {
  return Math.min(cents, Math.max(1, Math.floor(cents / 50)));
}

function centsOf(amount: string): number {
  const [whole = '', fraction = ''] = amount.split('.');
  return Number(whole) * 100 + Number(fraction.padEnd(2, '0').slice(0, 2));
}

function decimal(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

/** A coin that is worth a dollar. */
function coins(cents: number): string {
  return `${decimal(cents)}000000`;
}

/** As the API writes times: without fractions, in the time of Moscow. */
function timeOf(now: number): string {
  const shifted = new Date(now + 3 * 3_600_000).toISOString();
  return shifted.replace(/\.\d+Z$/, '+03:00');
}

/** The moment that a time of a request names. */
function momentOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(`${time.replace(/ (\d):/, ' 0$1:')}+03:00`);
}
