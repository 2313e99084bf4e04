import type { LineKind } from '../../../../functions/src/reconcile/report-lines.ts';
import type { Books } from './books.ts';
import type { Held, Sale, Shop, Wanted } from './shop.ts';

/** A discrepancy as the report has to name it. */
export interface Planted {
  readonly kind: string;
  readonly gateway: string;
  readonly difference: LineKind;
  /** As a row is named. */
  readonly paymentId: string;
  /** The row that a run writes; undefined where a person has to act. */
  readonly row?: Held;
  /** A run delivers a row that is there. */
  readonly isDelivered?: true;
}

export interface Stage {
  readonly shop: Shop;
  readonly books: Books;
  readonly wanted: Wanted;
  /** A payment that was booked before the span of the report. */
  readonly old: () => Sale | undefined;
}

export interface Kind {
  readonly name: string;
  fits(shop: Shop): boolean;
  plant(stage: Stage): Promise<Omit<Planted, 'kind' | 'gateway'>[]>;
}

/** US cents; a store rounds it to its pieces. */
const FIRST = 300;
const SECOND = 400;

const all = () => true;
const showsPayments = ({ showsPayments: shows }: Shop) => shows;
const refunds = ({ refund }: Shop) => refund !== undefined;

/** A payment that is booked and delivered. */
export async function sold({ shop, books, wanted }: Stage): Promise<Sale> {
  const sale = await shop.sell(wanted);
  await books.tell(shop, sale);
  return sale;
}

/** A payment and a refund, both booked. */
export async function refunded(stage: Stage): Promise<{ sale: Sale; refund: Held }> {
  const sale = await sold(stage);
  const refund = await must(stage.shop.refund)(sale, FIRST);
  await stage.books.tell(stage.shop, sale);
  return { sale, refund };
}

function must<T>(act: T | undefined): T {
  if (act === undefined) throw new Error('the kind does not fit the gateway');
  return act;
}

function named({ shop }: Stage, difference: LineKind, id: string) {
  return { difference, paymentId: `${shop.name}_${id}` };
}

/** A movement that was never told. */
function missing(stage: Stage, row: Held) {
  return { ...named(stage, 'missing', row.id), row };
}

const lost: readonly Kind[] = [
  {
    name: 'a payment whose webhook was lost',
    fits: showsPayments,
    plant: async (stage) => [missing(stage, (await stage.shop.sell(stage.wanted)).payment)],
  },
  {
    name: 'a payment of an order that was never bound',
    fits: ({ hasOrders }) => hasOrders,
    plant: async (stage) => {
      const sale = await stage.shop.sell({ ...stage.wanted, isUnbound: true });
      return [missing(stage, sale.payment)];
    },
  },
  {
    name: 'a second payment of an order that was never told',
    fits: ({ payAgain }) => payAgain !== undefined,
    plant: async (stage) => [missing(stage, await must(stage.shop.payAgain)(await sold(stage)))],
  },
  {
    name: 'a refund that was never told',
    fits: refunds,
    plant: async (stage) => {
      return [missing(stage, await must(stage.shop.refund)(await sold(stage), FIRST))];
    },
  },
  {
    name: 'a second refund that was never told',
    fits: ({ refundMore }) => refundMore !== undefined,
    plant: async (stage) => {
      const { sale, refund } = await refunded(stage);
      return [missing(stage, await must(stage.shop.refundMore)(sale, refund, SECOND))];
    },
  },
  {
    name: 'a refund of an old payment that was never told',
    fits: ({ listsLateRefunds, refund }) => listsLateRefunds && refund !== undefined,
    plant: async (stage) => {
      const sale = stage.old();
      if (sale === undefined) return [];
      return [missing(stage, await must(stage.shop.refund)(sale, FIRST))];
    },
  },
  {
    name: 'the failure of a refund that was never told',
    fits: ({ failRefund }) => failRefund !== undefined,
    plant: async (stage) => {
      const { sale, refund } = await refunded(stage);
      return [missing(stage, await must(stage.shop.failRefund)(sale, refund))];
    },
  },
  {
    name: 'a dispute that was never told',
    fits: ({ dispute }) => dispute !== undefined,
    plant: async (stage) => {
      return [missing(stage, await must(stage.shop.dispute)(await sold(stage), FIRST))];
    },
  },
  {
    name: 'a payment that the gateway took back and never told',
    fits: ({ takeBack }) => takeBack !== undefined,
    plant: async (stage) => [missing(stage, await must(stage.shop.takeBack)(await sold(stage)))],
  },
  {
    name: 'money that came back and was never told',
    fits: ({ giveBack }) => giveBack !== undefined,
    plant: async (stage) => {
      const { shop, books } = stage;
      const sale = await sold(stage);
      const taken = await must(shop.dispute ?? shop.refund)(sale, FIRST);
      await books.tell(shop, sale);
      return [missing(stage, await must(shop.giveBack)(sale, taken))];
    },
  },
  {
    name: 'a refund that came before its payment, which was lost',
    fits: ({ lastNotice }) => lastNotice !== undefined,
    plant: async (stage) => {
      const { shop, books, wanted } = stage;
      const sale = await shop.sell(wanted);
      const refund = await must(shop.refund)(sale, FIRST);
      await books.hear(shop, must(shop.lastNotice)(sale));
      return [missing(stage, sale.payment), missing(stage, refund)];
    },
  },
  {
    name: 'a payment that was parked, and can be read now',
    fits: showsPayments,
    plant: async (stage) => {
      const sale = await stage.shop.sell(stage.wanted);
      await stage.books.park(stage.shop, sale);
      return [missing(stage, sale.payment)];
    },
  },
  {
    name: 'a payment whose row was deleted, with a refund whose row is there',
    fits: refunds,
    plant: async (stage) => {
      const { sale, refund } = await refunded(stage);
      await stage.books.remove(stage.shop, sale.payment);
      if (stage.shop.forgetsRefunded === true) return [named(stage, 'unknown', refund.id)];
      return [missing(stage, sale.payment)];
    },
  },
  {
    name: 'a payment that has grown since it was booked',
    fits: ({ growthId }) => growthId !== undefined,
    plant: async (stage) => {
      const { shop, books } = stage;
      const sale = await sold(stage);
      const { payment } = sale;
      await books.edit(shop, payment.id, { amount: payment.amountCents - FIRST });
      const id = must(shop.growthId)(sale);
      const row = { ...payment, id, amountCents: FIRST, parentId: payment.id };
      return [{ ...named(stage, 'missing', payment.id), row }];
    },
  },
];

const wrong: readonly Kind[] = [
  {
    name: 'a row without a payment at the gateway',
    fits: all,
    plant: async (stage) => {
      const held = await stage.shop.strange(stage.wanted);
      await stage.books.write(stage.shop, held);
      return [named(stage, 'unknown', held.id)];
    },
  },
  {
    name: 'a row with another amount',
    fits: all,
    plant: async (stage) => {
      const { shop, books } = stage;
      const { id, amountCents } = (await sold(stage)).payment;
      await books.edit(shop, id, { amount: amountCents + FIRST });
      const grows = shop.growthId !== undefined;
      return [named(stage, grows ? 'excess' : 'amount', id)];
    },
  },
  {
    name: 'a row of another user',
    fits: all,
    plant: async (stage) => {
      const { id, uid } = (await sold(stage)).payment;
      await stage.books.edit(stage.shop, id, { uid: `${uid}other` });
      return [named(stage, 'user', id)];
    },
  },
  {
    name: 'a payment with two rows',
    fits: all,
    plant: async (stage) => {
      const { payment } = await sold(stage);
      const id = stage.shop.doubleOf(payment.id);
      await stage.books.write(stage.shop, { ...payment, id });
      return [named(stage, 'unknown', id)];
    },
  },
  {
    name: 'a refund with two rows',
    fits: refunds,
    plant: async (stage) => {
      const { shop, books } = stage;
      const { refund } = await refunded(stage);
      const id = `${refund.id}-2`;
      await books.write(shop, { ...refund, id });
      if (!shop.isTotal) return [named(stage, 'unknown', id)];
      return [named(stage, 'excess', shop.refundIdAgain?.(refund) ?? refund.id)];
    },
  },
  {
    name: 'money of which no row can be made',
    fits: all,
    plant: async (stage) => [named(stage, 'unreadable', await stage.shop.spoilt(stage.wanted))],
  },
  {
    name: 'a row that the Retail API refuses',
    fits: all,
    plant: async (stage) => {
      stage.books.retail.failFor(stage.wanted.uid, 400);
      return [named(stage, 'undelivered', (await sold(stage)).payment.id)];
    },
  },
  {
    name: 'a row that was never pushed',
    fits: all,
    plant: async (stage) => {
      const sale = await stage.shop.sell(stage.wanted);
      stage.books.retail.failFor(sale.payment.uid, 503);
      await stage.books.tell(stage.shop, sale);
      stage.books.retail.failFor(sale.payment.uid);
      return [{ ...named(stage, 'undelivered', sale.payment.id), isDelivered: true as const }];
    },
  },
];

export const kinds: readonly Kind[] = [...lost, ...wrong];
