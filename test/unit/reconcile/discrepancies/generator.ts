import type { ReportSpan } from '../../../../functions/src/reconcile/report.ts';
import type { Books } from './books.ts';
import type { MovedClock } from './clock.ts';
import { Dice } from './dice.ts';
import { kinds, refunded, sold, type Kind, type Planted, type Stage } from './kinds.ts';
import type { Held, Sale, Shop } from './shop.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A gateway, and by how much its clock is ahead of ours, in ms. */
export interface Skewed {
  readonly shop: Shop;
  readonly skewMs: number;
}

export interface Planting {
  readonly seed: number;
  /** Discrepancies. */
  readonly count: number;
  /** Payments that are as they should be. */
  readonly healthy: number;
  readonly books: Books;
  readonly clock: MovedClock;
  readonly shops: readonly Skewed[];
}

export interface Field {
  readonly planted: readonly Planted[];
  /**
   * Payments that were never told, just outside of the span, and some that are only held: a run books
   * them, and no report names them.
   */
  readonly unnamed: readonly { readonly gateway: string; readonly row: Held }[];
  readonly span: ReportSpan;
}

/** What is done next; without a kind, a payment that is as it should be. */
interface Job {
  readonly kind?: Kind;
  readonly shop: Shop;
  readonly isRefunded?: boolean;
}

const AT_ONCE = 12;
/** Payments of each gateway from before the span. */
const OLD = 8;

/** Plants discrepancies among healthy payments, all by chance from a seed. */
export class Planter {
  readonly #given: Planting;
  readonly #dice: Dice;
  readonly #planted: Planted[] = [];
  readonly #unnamed: Field['unnamed'][number][] = [];
  readonly #old = new Map<Shop, Sale[]>();
  #buyers = 0;

  constructor(given: Planting) {
    this.#given = given;
    this.#dice = new Dice(given.seed);
  }

  /** Twenty days of nothing, six days of trade, and three days later: rows are then old enough to be asked about. */
  async plant(): Promise<Field> {
    const { clock } = this.#given;
    const since = Math.ceil(Date.now() / SECOND_MS) * SECOND_MS + 20 * DAY_MS;
    const until = since + 6 * DAY_MS;
    await this.#sellOld();
    await this.#sellAtEdge(since - SECOND_MS, since);
    await this.#hold();
    const jobs = this.#jobs();
    const pauseMs = (until - since - 20 * MINUTE_MS) / jobs.length;
    for (let first = 0; first < jobs.length; first += AT_ONCE) {
      clock.set(since + 10 * MINUTE_MS + first * pauseMs);
      const some = jobs.slice(first, first + AT_ONCE);
      const planted = await Promise.all(some.map((job) => this.#do(job)));
      this.#planted.push(...planted.flat());
    }
    await this.#sellAtEdge(until, until - SECOND_MS);
    clock.set(until + 3 * DAY_MS);
    const span = { since: new Date(since), until: new Date(until) };
    return { planted: this.#planted, unnamed: this.#unnamed, span };
  }

  /** The jobs of the middle, as many as the edges leave to plant. */
  #jobs(): Job[] {
    const { count, healthy, shops } = this.#given;
    const edges = shops.filter(({ shop }) => shop.showsPayments).length * 2;
    const rounds = kinds.flatMap((kind) =>
      shops.filter(({ shop }) => kind.fits(shop)).map(({ shop }) => ({ kind, shop })),
    );
    const jobs: Job[] = [];
    for (let left = count - edges; left > 0;) {
      const fitting = this.#dice.shuffled(rounds).filter(({ kind }) => sizeOf(kind) <= left);
      const some = fitting.slice(0, left);
      for (const job of some) {
        if (sizeOf(job.kind) > left) continue;
        jobs.push(job);
        left -= sizeOf(job.kind);
      }
    }
    for (let made = 0; made < healthy; made += 1) {
      const { shop } = shops[made % shops.length] as Skewed;
      jobs.push({ shop, isRefunded: shop.refund !== undefined && this.#dice.next() < 0.3 });
    }
    return this.#dice.shuffled(jobs);
  }

  async #do({ kind, shop, isRefunded }: Job): Promise<Planted[]> {
    const stage = this.#stage(shop);
    if (kind === undefined) {
      await (isRefunded === true ? refunded(stage) : sold(stage));
      return [];
    }
    const planted = await kind.plant(stage);
    return planted.map((one) => ({ ...one, kind: kind.name, gateway: shop.name }));
  }

  #stage(shop: Shop): Stage {
    this.#buyers += 1;
    const uid = `u${String(this.#buyers).padStart(5, '0')}`;
    const cents = 100 * this.#dice.between(10, 200);
    const old = () => this.#old.get(shop)?.pop();
    return { shop, books: this.#given.books, wanted: { uid, cents }, old };
  }

  async #hold(): Promise<void> {
    for (const { shop } of this.#given.shops) {
      const held = await shop.hold?.(this.#stage(shop).wanted);
      if (held !== undefined) this.#unnamed.push({ gateway: shop.name, row: held.payment });
    }
  }

  /** Booked before the span. */
  async #sellOld(): Promise<void> {
    for (const { shop } of this.#given.shops) {
      if (shop.refund === undefined || !shop.listsLateRefunds) continue;
      const stages = Array.from({ length: OLD }, () => this.#stage(shop));
      this.#old.set(shop, await Promise.all(stages.map(sold)));
    }
  }

  /**
   * In each gateway a buyer pays in the second just outside of the span, and one in the second just
   * within it, as the gateway's clock shows it.
   */
  async #sellAtEdge(outsideMs: number, withinMs: number): Promise<void> {
    const shops = this.#given.shops.filter(({ shop }) => shop.showsPayments);
    const acts = shops.flatMap(({ shop, skewMs }) =>
      [outsideMs, withinMs].map((at) => ({ shop, ms: at - skewMs, isWithin: at === withinMs })),
    );
    for (const { shop, ms, isWithin } of acts.toSorted((one, other) => one.ms - other.ms)) {
      this.#given.clock.set(ms);
      const { payment } = await shop.sell(this.#stage(shop).wanted);
      if (!isWithin) this.#unnamed.push({ gateway: shop.name, row: payment });
      else {
        this.#planted.push({
          kind: 'a payment at the edge of the span, by a clock that is not ours',
          gateway: shop.name,
          difference: 'missing',
          paymentId: `${shop.name}_${payment.id}`,
          row: payment,
        });
      }
    }
  }
}

/** How many discrepancies a kind makes at once. */
function sizeOf({ name }: Kind): number {
  return name.startsWith('a refund that came before its payment') ? 2 : 1;
}
