import { openBookedRows } from '../../../../functions/src/ledger/booked-rows.ts';
import { openUnresolvedEvents } from '../../../../functions/src/ledger/unresolved-events.ts';
import { openPipeline } from '../../../../functions/src/pipeline.ts';
import { reconcile } from '../../../../functions/src/reconcile/reconcile.ts';
import type { ReportLine } from '../../../../functions/src/reconcile/report-lines.ts';
import {
  reportOn,
  type GatewayReport,
  type ReportSpan,
} from '../../../../functions/src/reconcile/report.ts';
import { openSecondLook } from '../../../../functions/src/reconcile/second-look.ts';
import { releaseParked } from '../../../../functions/src/sync/release.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { useOwnFirestore } from '../../../harness/own-firestore.ts';
import { startRetailApi, type RetailApi } from '../../../standins/retail-api.ts';
import { Books } from './books.ts';
import { moveClock, type MovedClock } from './clock.ts';
import { Planter, type Field, type Skewed } from './generator.ts';
import type { Planted } from './kinds.ts';
import { openShops } from './shops.ts';

const TIME_OUT_MS = 600_000;

const own = useOwnFirestore();
let retail: RetailApi;
let clock: MovedClock;
let shops: readonly Skewed[] = [];

beforeAll(async () => {
  clock = moveClock();
  retail = await startRetailApi({ apiKey: 'retail-standin' });
  setEnvironment({
    PAYMENTS_MODE: 'test',
    PLATFONE_API_KEY: 'retail-standin',
    PLATFONE_API_URL: retail.url,
    PLATFONE_CALLS_PER_SECOND: '10000',
    STORE_PRODUCTS: '{"credits_500":500,"credits_1000":1000}',
  });
});

afterEach(async () => {
  for (const { shop } of shops) await shop.stop();
  retail.control.reset();
});

afterAll(async () => {
  await retail.stop();
  clock.restore();
});

async function reports(span: ReportSpan): Promise<GatewayReport[]> {
  const [rows, unresolved] = [openBookedRows(), openUnresolvedEvents()];
  return Promise.all(
    shops.map(({ shop: { name, reader: gateway } }) =>
      reportOn({ name, gateway, rows, unresolved }, span),
    ),
  );
}

const named = (lines: readonly Pick<ReportLine, 'difference' | 'paymentId'>[]) =>
  lines.map(({ difference, paymentId }) => `${difference} ${paymentId}`).toSorted();

const linesOf = (found: readonly GatewayReport[]) => found.flatMap(({ lines }) => lines);

async function secondLook(): Promise<void> {
  const pipeline = await openPipeline();
  await Promise.all(
    shops.map(async ({ shop: { name, gateway } }) => {
      await reconcile(await openSecondLook(name, gateway));
    }),
  );
  await releaseParked(pipeline, new Date(Date.now() + 60_000));
}

/** By gateway and kind: the cents by which the sums differ, and by which the lines do. */
function sumsOf(found: readonly GatewayReport[]) {
  return found.flatMap(({ gateway, lines, sums }) =>
    sums.map(({ kind, bookedCents, gatewayCents }) => {
      const own = lines.filter(({ movement, difference }) => {
        return movement === kind && difference !== 'undelivered';
      });
      const named = own.reduce(
        (cents, one) => cents + (one.bookedCents ?? 0) - (one.gatewayCents ?? 0),
        0,
      );
      return { gateway, kind, named, summed: bookedCents - gatewayCents };
    }),
  );
}

function expectSumsToAgree(found: readonly GatewayReport[]): void {
  expect(sumsOf(found).filter(({ named, summed }) => named !== summed)).toEqual([]);
}

const isSettled = ({ row, isDelivered }: Planted) => row !== undefined || isDelivered === true;

async function plant(seed: number, count: number): Promise<Field & { readonly books: Books }> {
  const books = new Books(own(), retail.control);
  shops = await openShops(books);
  const given = { seed, count, healthy: Math.round(count * 0.4), books, clock, shops };
  return { ...(await new Planter(given).plant()), books };
}

test.each([
  [500, 1],
  [200, 2],
])(
  '%d discrepancies from the seed %d are named, and nothing else; a run books what can be booked',
  async (count, seed) => {
    const { planted, unnamed, span, books } = await plant(seed, count);
    expect(planted).toHaveLength(count);
    expect(new Set(planted.map(({ kind }) => kind)).size).toBeGreaterThan(20);
    const before = await reports(span);
    expect(named(linesOf(before))).toEqual(named(planted));
    expectSumsToAgree(before);
    const rowsBefore = await own().all('tn_payments');
    await secondLook();
    const after = await reports(span);
    const left = planted.filter((one) => !isSettled(one));
    expect(named(linesOf(after))).toEqual(named(left));
    expectSumsToAgree(after);
    const booked = planted.flatMap(({ row, gateway }) => (row ? [{ row, gateway }] : []));
    const fresh = [...booked, ...unnamed];
    await expectBooked(fresh, rowsBefore.length);
    await expectDelivered(fresh, books);
  },
  TIME_OUT_MS,
);

/** Each has its one row, with its amount and its user, and no other row was written. */
async function expectBooked(fresh: Field['unnamed'], rowsBefore: number): Promise<void> {
  const rows = new Map((await own().all('tn_payments')).map((row) => [row['payment_id'], row]));
  expect(rows.size).toBe(rowsBefore + fresh.length);
  const found = fresh.map(({ gateway, row: { id } }) => rows.get(`${gateway}_${id}`));
  expect(found).toMatchObject(
    fresh.map(({ gateway, row: { uid, kind, amountCents: amount, orderId, parentId } }) => {
      const parent_id = parentId === null ? null : `${gateway}_${parentId}`;
      return { gateway, uid, kind, amount, order_id: orderId, parent_id, is_synced: true };
    }),
  );
}

/** The Retail API has each row that is delivered, once and with its amount, and nothing else. */
async function expectDelivered(fresh: Field['unnamed'], { byHand }: Books): Promise<void> {
  const transactions = retail.control.transactions();
  const synced = (await own().all('tn_payments'))
    .filter(({ is_synced }) => is_synced === true)
    .map(({ payment_id }) => String(payment_id));
  const made = synced.filter((id) => !byHand.written.has(id));
  const expected = new Set([...made, ...byHand.deleted]);
  const ids = transactions.map(({ transactionId }) => transactionId);
  expect(ids.toSorted()).toEqual([...expected].toSorted());
  const applied = new Map(transactions.map((one) => [one.transactionId, one]));
  expect(fresh.map(({ gateway, row: { id } }) => applied.get(`${gateway}_${id}`))).toMatchObject(
    fresh.map(({ row: { uid: customerId, amountCents } }) => ({ customerId, amountCents })),
  );
}
