import { openGateway } from '../../../../functions/src/gateways/cryptomus/gateway.ts';
import { toPaymentRow, type PaymentRow } from '../../../../functions/src/ledger/payment-row.ts';
import type { Order } from '../../../../functions/src/orders/order.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { existing } from '../../../harness/existing.ts';
import { startCryptomus, type CryptomusStandin } from '../../../standins/cryptomus/server.ts';
import type { Movement } from '../../../../functions/src/movement.ts';

export const KEY = 'cryptomus-payment-key-standin';
const MERCHANT = 'cryptomus-merchant-standin';
export const UUID = '0f9d3b52-6a41-4c8e-9b57-2d1c7e5a8f10';

/** The order of 12.50 that the fixtures speak of. */
export const order: Order = {
  orderId: 'order1',
  uid: 'user1',
  amountCents: 1250,
  gateway: 'cryptomus',
  mode: 'test',
  createdAt: new Date('2026-01-02T03:04:05Z'),
};

/** The gateway against its stand-in, with orders and rows of the test's own. */
export class Bench {
  #standin: CryptomusStandin | undefined;
  readonly orders = new Map<string, Order>();
  readonly rows = new Map<string, PaymentRow>();

  constructor() {
    beforeEach(async () => {
      this.#standin = await startCryptomus({ merchantId: MERCHANT, paymentKey: KEY });
      this.orders.clear();
      this.rows.clear();
      this.orders.set(order.orderId, order);
      this.control.make({ uuid: UUID, order_id: order.orderId, amount: '12.50', currency: 'USD' });
      setEnvironment({
        PAYMENTS_MODE: 'test',
        CRYPTOMUS_MERCHANT_ID: MERCHANT,
        CRYPTOMUS_PAYMENT_KEY: KEY,
        CRYPTOMUS_API_URL: this.#standin.origin,
        CRYPTOMUS_CREDIT_UNDERPAID: undefined,
      });
    });
    afterEach(() => this.#standin?.stop());
  }

  get control() {
    return existing(this.#standin).control;
  }

  /** How often a path was asked for. */
  calls(path: string): number {
    return this.control.requests().filter((request) => request.path === path).length;
  }

  open(isReadOnly = false) {
    return openGateway({
      isReadOnly,
      orders: { find: async (id) => this.orders.get(id) },
      ledger: { paidCents: async (id) => this.rows.get(id)?.amountCents },
    });
  }

  /** The invoice has this status now, in silence. */
  invoiceIs(status: string): void {
    this.control.edit(UUID, { payment_status: status, status });
  }

  /** Writes down what a movement credited, as the ledger would. */
  book(movement: Movement): void {
    const row = toPaymentRow('cryptomus', movement);
    this.rows.set(row.paymentId, row);
  }

  /** What a report of the invoice comes to. */
  async movements(status: string, changes: object = {}): Promise<readonly Movement[]> {
    const gateway = await this.open();
    const body = Buffer.from(this.control.signed(UUID, status, changes));
    const event = await gateway.verify({ method: 'POST', headers: {}, body });
    // An invoice is one payment: nothing of it can be unusable alone.
    return (await gateway.movements(event)) as readonly Movement[];
  }

  /** The same in cents, of a final report of 20.14. */
  async cents(status: string, changes: object = {}): Promise<number[]> {
    const told = { is_final: true, payment_amount_usd: '20.14', ...changes };
    return (await this.movements(status, told)).map(({ amountCents }) => amountCents);
  }
}

/** What a report comes to of which no row can be made. */
export function parkedFor(message: string): unknown {
  return expect.objectContaining({
    name: 'Unusable',
    message: expect.stringContaining(message) as string,
  });
}
