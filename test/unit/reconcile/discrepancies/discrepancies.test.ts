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

const tick=(w: string)=>{process.stderr.write(`${w} ${Math.round(performance.now()/1000)} cpu ${Math.round(process.cpuUsage().user/1e6)}\n`)};
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
      await reconcile(await openSecondLook(name, gateway));tick(name);
    }),
  );
  await releaseParked(pipeline, new Date(Date.now() + 60_000));
}

const isSettled = ({ row, isDelivered }: Planted) => row !== undefined || isDelivered === true;

async function plantFrom(seed: number): Promise<Field> {
  const books = new Books(own(), retail.control);
  shops = await openShops(books);
  const field = await new Planter({ seed, count: 500, healthy: 240, books, clock, shops }).plant();
  return field;
}

test.each([1, 2])(
  '500 discrepancies from the seed %d are named, and nothing else; a run books what can be booked',
  async (seed) => {
    const { planted, outside, span } = await plantFrom(seed);
    expect(planted).toHaveLength(500);
    expect(new Set(planted.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(12);
    tick('planted');
    const before = await reports(span);
    tick('before');
    expect(named(linesOf(before))).toEqual(named(planted));
    const rowsBefore = (await own().all('tn_payments')).length;
    await secondLook();
    tick('looked');
    const after = await reports(span);
    tick('after');
    const left = planted.filter((one) => !isSettled(one));
    expect(named(linesOf(after))).toEqual(named(left));
    const fresh = [...planted.flatMap(({ row, gateway }) => (row ? [{ row, gateway }] : [])), ...outside];
    const rows = new Map((await own().all('tn_payments')).map((row) => [row['payment_id'], row]));
    expect(rows.size).toBe(rowsBefore + fresh.length);
    const wanted = fresh.map(({ gateway, row: { id, uid, kind, amountCents } }) => ({
      payment_id: `${gateway}_${id}`,
      uid,
      kind,
      amount: amountCents,
      is_synced: true,
    }));
    expect(fresh.map(({ gateway, row: { id } }) => rows.get(`${gateway}_${id}`))).toMatchObject(wanted);
  },
  600_000,
);
