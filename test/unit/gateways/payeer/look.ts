import type { Reported } from '../../../../functions/src/movement.ts';
import { openGateway } from '../../../../functions/src/gateways/payeer/gateway.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { orderBook, orderOf, paymentOf } from '../../../harness/orders.ts';
import { startPayeer, type PayeerStandin } from '../../../standins/payeer/server.ts';
import { sign } from '../../../standins/payeer/signature.ts';
import { configure, ENCRYPTION_KEY, request, SECRET, SHOP } from './bench.ts';

export const API_USER = { account: 'P1000000', apiId: '12345', apiPass: 'payeer-api-standin' };

/** When the buyers pay, and when we look. */
const PAID_AT = new Date('2026-02-03T11:05:31Z');
export const NOW = new Date('2026-02-03T12:00:00Z');
const SINCE = new Date('2026-02-03T11:00:00Z');

/** The orders of this deployment, over 25.00 each. */
export const OURS = Array.from({ length: 7 }, (_, index) => String(81726354 + index));
export const [FIRST = '', SECOND = ''] = OURS;

/** The movement of the payment of an order. */
export function movementOf(orderId: string, id: string) {
  const order = orderOf({ orderId, gateway: 'payeer', amountCents: 2500 });
  return { ...paymentOf(order, id), occurredAt: PAID_AT };
}

export interface LookOptions {
  readonly orders?: readonly string[];
  readonly mode?: 'live' | 'test';
  readonly now?: () => Date;
  readonly isReadOnly?: boolean;
}

/** A Payeer with an API user, and the books of this deployment. */
export class Look {
  readonly payeer: PayeerStandin;
  /** The movement ids of the rows of each order. */
  readonly booked = new Map<string, string[]>();

  private constructor(payeer: PayeerStandin) {
    this.payeer = payeer;
  }

  /** @param apiNumbers whether the API names a payment by the number of its notification. */
  static async start(apiNumbers: 'same' | 'other'): Promise<Look> {
    const payeer = await startPayeer({
      merchantId: SHOP,
      secretKey: SECRET,
      encryptionKey: ENCRYPTION_KEY,
      statusUrl: null,
      apiUser: API_USER,
      apiNumbers,
      now: () => PAID_AT.getTime(),
    });
    configure();
    setEnvironment({
      PAYEER_ACCOUNT: API_USER.account,
      PAYEER_API_ID: API_USER.apiId,
      PAYEER_API_PASSWORD: API_USER.apiPass,
      PAYEER_API_URL: `${payeer.origin}/ajax/api/api.php`,
      PAYEER_API_BOOKS: undefined,
    });
    return new Look(payeer);
  }

  async stop(): Promise<void> {
    setEnvironment({
      PAYEER_ACCOUNT: undefined,
      PAYEER_API_ID: undefined,
      PAYEER_API_PASSWORD: undefined,
      PAYEER_API_URL: undefined,
      PAYEER_API_BOOKS: undefined,
    });
    await this.payeer.stop();
  }

  reset(): void {
    this.payeer.control.reset();
    this.booked.clear();
    setEnvironment({ PAYEER_API_BOOKS: undefined });
  }

  open({ orders = OURS, mode = 'test', now = () => NOW, isReadOnly = false }: LookOptions = {}) {
    const ours = orders.map((orderId) =>
      orderOf({ orderId, gateway: 'payeer', amountCents: 2500, mode }),
    );
    return openGateway({
      orders: orderBook(...ours),
      now,
      isReadOnly,
      bookedIds: async ({ orderId }) => this.booked.get(orderId) ?? [],
    });
  }

  async inquire(orderId: string, options?: LookOptions): Promise<readonly Reported[] | undefined> {
    const gateway = await this.open(options);
    return gateway.inquire?.({ orderId, ref: orderId, paymentId: null });
  }

  async list(options?: LookOptions, since = SINCE): Promise<Reported[]> {
    const { history } = await this.open(options);
    const found: Reported[] = [];
    for await (const page of history?.list(since, NOW) ?? []) found.push(...page);
    return found;
  }

  /** The buyer's browser posts the form of an order. */
  async begin(orderId: string, amount = '25.00', currency = 'USD'): Promise<void> {
    const form = {
      m_shop: SHOP,
      m_orderid: orderId,
      m_amount: amount,
      m_curr: currency,
      m_desc: Buffer.from('Top-up').toString('base64'),
    };
    const body = new URLSearchParams({ ...form, m_sign: sign(SECRET, Object.values(form)) });
    const page = await fetch(`${this.payeer.origin}/merchant/`, { method: 'POST', body });
    expect(await page.text()).toContain('Pay here.');
  }

  /** The buyer pays an order, and the notification is lost. */
  async pay(orderId: string, amount?: string, currency?: string): Promise<void> {
    await this.begin(orderId, amount, currency);
    this.payeer.control.pay(orderId);
  }

  /** The last notification arrives, and its payment is booked unless it is already. */
  async tell(): Promise<readonly Reported[]> {
    const gateway = await this.open();
    const told = this.payeer.control.notices().at(-1)?.body ?? '';
    const movements = await gateway.movements(await gateway.verify(request(told)));
    this.book(movements);
    return movements;
  }

  /** Writes rows, one for each id. */
  book(movements: readonly Reported[]): void {
    for (const one of movements) {
      if (!('id' in one) || one.orderId === null) continue;
      const ids = this.booked.get(one.orderId) ?? [];
      this.booked.set(one.orderId, [...new Set([...ids, one.id])]);
    }
  }

  /** The number of rows of an order. */
  rowsOf(orderId: string): number {
    return this.booked.get(orderId)?.length ?? 0;
  }
}
