/** Google's `Money`; whole units that are 0 may be left out. */
export interface Money {
  readonly units?: string;
  readonly nanos?: number;
  readonly currencyCode: string;
}

/** What a buyer buys. */
export interface NewPurchase {
  readonly productId: string;
  /** 1 unless told otherwise. */
  readonly quantity?: number;
  /** The obfuscated account id that the app gives; none unless told otherwise. */
  readonly accountId?: string;
  /** The buyer pays later, in cash. */
  readonly pending?: boolean;
  /** A licensed tester, unless told otherwise: the stack runs in test mode. */
  readonly test?: boolean;
  /** Redeems a promotion: there is no order. */
  readonly promotion?: boolean;
  /** In the buyer's currency; 4.99 unless told otherwise. */
  readonly total?: Money;
  /** What is left for the developer, in the buyer's currency; the total unless told otherwise. */
  readonly revenue?: Money;
  /** `pointsDetails`: the buyer's Play Points, which pay or lower the total. */
  readonly points?: {
    readonly pointsOfferId?: string;
    readonly pointsSpent?: string;
    readonly pointsDiscountRateMicros?: string;
    readonly pointsCouponValue?: Money;
  };
}

export type PurchaseState = 'PENDING' | 'PURCHASED' | 'CANCELLED';

export type OrderState =
  'PENDING' | 'PROCESSED' | 'CANCELED' | 'PENDING_REFUND' | 'PARTIALLY_REFUNDED' | 'REFUNDED';

/** A purchase and its order, as the shop keeps them. */
export interface Sale {
  readonly token: string;
  readonly productId: string;
  readonly quantity: number;
  readonly accountId: string | null;
  readonly test: boolean;
  readonly total: Money;
  readonly revenue: NewPurchase['revenue'];
  readonly points: NewPurchase['points'];
  orderId: string | null;
  state: PurchaseState;
  orderState: OrderState;
  refundableQuantity: number;
  consumed: boolean;
  completedAt: string | null;
  /** Google shows it no longer. */
  forgotten: boolean;
}

/** A refund that took the purchase back, as Google lists it. */
export interface Voided {
  readonly token: string;
  readonly orderId: string | null;
  /** Milliseconds. */
  readonly at: number;
  /** Null when nothing is left. */
  readonly quantity: number | null;
}

/** The body of a real-time developer notification. */
export type Notification = Readonly<Record<string, unknown>>;

/** The store: what buyers and Google do, and the notifications that come of it. */
export class Shop {
  readonly #now: () => number;
  readonly #series: string;
  readonly #notify: (notification: Notification) => void;
  readonly #sales = new Map<string, Sale>();
  readonly #voided: Voided[] = [];
  #made = 0;

  /** @param series part of every id, so that two shops sell no purchase under one id. */
  constructor(now: () => number, series: string, notify: (notification: Notification) => void) {
    this.#now = now;
    this.#series = series;
    this.#notify = notify;
  }

  buy(given: NewPurchase): Sale {
    this.#made += 1;
    const number = String(this.#made).padStart(5, '0');
    const sale: Sale = {
      token: `standin-token-${number}.AO-J${this.#series}`,
      productId: given.productId,
      quantity: given.quantity ?? 1,
      accountId: given.accountId ?? null,
      test: given.test ?? true,
      total: given.total ?? { units: '4', nanos: 990_000_000, currencyCode: 'EUR' },
      revenue: given.revenue,
      points: given.points,
      orderId: given.promotion === true ? null : `GPA.3300-1111-${this.#series}-${number}`,
      state: 'PENDING',
      orderState: 'PENDING',
      refundableQuantity: given.quantity ?? 1,
      consumed: false,
      completedAt: null,
      forgotten: false,
    };
    this.#sales.set(sale.token, sale);
    return given.pending === true ? sale : this.pay(sale.token);
  }

  /** The buyer pays a pending purchase. */
  pay(token: string): Sale {
    const sale = this.sale(token);
    if (sale.state !== 'PENDING') throw new Error(`the purchase is ${sale.state}`);
    sale.state = 'PURCHASED';
    sale.orderState = 'PROCESSED';
    sale.completedAt = new Date(this.#now()).toISOString();
    this.#announce(sale, 1);
    return sale;
  }

  /** The buyer gives a pending purchase up. */
  cancel(token: string): Sale {
    const sale = this.sale(token);
    if (sale.state !== 'PENDING') throw new Error(`the purchase is ${sale.state}`);
    sale.state = 'CANCELLED';
    sale.orderState = 'CANCELED';
    this.#announce(sale, 2);
    return sale;
  }

  /** Google refunds and revokes: all that is left, or some of it. */
  void(token: string, quantity?: number): Sale {
    const sale = this.sale(token);
    const voided = quantity ?? sale.refundableQuantity;
    if (voided < 1 || voided > sale.refundableQuantity) throw new Error('there is not that much');
    sale.refundableQuantity -= voided;
    const isFull = sale.refundableQuantity === 0;
    if (isFull) sale.state = 'CANCELLED';
    sale.orderState = isFull ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
    const listed = { token, orderId: sale.orderId, at: this.#now() };
    this.#voided.push({ ...listed, quantity: isFull ? null : voided });
    this.announceVoid(token, isFull);
    return sale;
  }

  /** Oldest first. */
  voided(): readonly Voided[] {
    return this.#voided;
  }

  /** Sends the notification of a refund and leaves the purchase as it is. */
  announceVoid(token: string, isFull = true): void {
    const { orderId } = this.sale(token);
    this.#notify({
      voidedPurchaseNotification: {
        purchaseToken: token,
        orderId,
        productType: 2,
        refundType: isFull ? 1 : 2,
      },
    });
  }

  /** @throws when Google would refuse. */
  consume(token: string): void {
    const sale = this.sale(token);
    if (sale.state !== 'PURCHASED' || sale.consumed) throw new Error('invalidPurchaseState');
    sale.consumed = true;
  }

  sale(token: string): Sale {
    const sale = this.#sales.get(token);
    if (sale === undefined) throw new Error(`no purchase ${token}`);
    return sale;
  }

  sales(): Sale[] {
    return [...this.#sales.values()];
  }

  #announce({ token, productId }: Sale, notificationType: 1 | 2): void {
    this.#notify({
      oneTimeProductNotification: {
        version: '1.0',
        notificationType,
        purchaseToken: token,
        sku: productId,
      },
    });
  }
}
