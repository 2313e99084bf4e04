import { Unavailable } from '../../../functions/src/errors.ts';
import { retryUnsynced } from '../../../functions/src/sync/index.ts';
import { openPipeline } from '../../../functions/src/pipeline.ts';
import { releaseParked } from '../../../functions/src/sync/release.ts';
import { sweep } from '../../../functions/src/sync/sweep.ts';
import { logFromNow } from '../../harness/log.ts';

jest.mock('../../../functions/src/pipeline.ts');
jest.mock('../../../functions/src/sync/release.ts');
jest.mock('../../../functions/src/sync/sweep.ts');

const start = new Date('2026-03-01T10:00:00Z');
const MINUTE_MS = 60_000;

/** Runs the schedule; tells its log lines. */
async function run(misdated: string[] = []): Promise<unknown[]> {
  const payments = { misdated: async () => misdated };
  const pipeline = { now: () => start, payments } as unknown as Awaited<
    ReturnType<typeof openPipeline>
  >;
  jest.mocked(openPipeline).mockResolvedValue(pipeline);
  const logged = logFromNow();
  await retryUnsynced.run({ scheduleTime: start.toISOString() });
  const lines = logged().map((line) => JSON.parse(line) as unknown);
  const end = { severity: 'INFO', message: 'the run is complete', function: 'sync-retryUnsynced' };
  expect(lines.pop()).toEqual(end);
  return lines;
}

const result = { synced: 3, failed: 2, oldestS: 61, stoppedBy: undefined };

beforeEach(() => {
  jest.mocked(releaseParked).mockResolvedValue(7);
  jest.mocked(sweep).mockResolvedValue(result);
});

test('a minute goes to parked rows, eight to the sweep; the line has the counts', async () => {
  const line = {
    severity: 'INFO',
    message: 'sweep',
    released: 7,
    synced: 3,
    failed: 2,
    oldest_due_s: 61,
  };
  expect(await run()).toEqual([line]);
  expect(jest.mocked(releaseParked).mock.lastCall?.[1]).toEqual(
    new Date(start.getTime() + MINUTE_MS),
  );
  expect(jest.mocked(sweep).mock.lastCall?.[1]).toEqual(new Date(start.getTime() + 8 * MINUTE_MS));
});

test('the line says why a sweep ended early', async () => {
  jest.mocked(sweep).mockResolvedValue({ ...result, stoppedBy: 'retail_down' });
  expect(await run()).toMatchObject([{ message: 'sweep', stopped_by: 'retail_down' }]);
});

test('each row that no sweep finds is an alert that names it', async () => {
  const [first, second, ...others] = await run(['stripe_pi_1', 'stripe_pi_2']);
  const message = 'a row is never pushed: its next_sync_at must be a time';
  const next: unknown = expect.stringContaining('npm run ops -- refused --retry');
  const common = { severity: 'ERROR', message, next_step: next };
  expect(first).toEqual({ ...common, payment_id: 'stripe_pi_1' });
  expect(second).toEqual({ ...common, payment_id: 'stripe_pi_2' });
  expect(others).toMatchObject([{ message: 'sweep' }]);
});

test.each([
  ['retail_down', 'The Retail API does not work'],
  ['misconfigured', 'PLATFONE_API_KEY'],
  ['time', 'PLATFONE_CALLS_PER_SECOND'],
  [undefined, 'npm run ops -- refused'],
] as const)('a row that waits for more than an hour is an alert: %s', async (stoppedBy, next) => {
  jest.mocked(sweep).mockResolvedValue({ ...result, oldestS: 3601, stoppedBy });
  const [, line] = await run();
  expect(line).toMatchObject({ severity: 'ERROR', oldest_due_s: 3601 });
  expect(line).toHaveProperty('next_step', expect.stringContaining(next));
});

test('a row that waits for an hour is no alert yet', async () => {
  jest.mocked(sweep).mockResolvedValue({ ...result, oldestS: 3600 });
  expect(await run()).toHaveLength(1);
});

test('three runs that fail in a row are an alert; one that succeeds ends the count', async () => {
  const fail = async () => {
    jest.mocked(sweep).mockRejectedValueOnce(new Unavailable('Firestore did not answer.'));
    const logged = logFromNow();
    await expect(run()).rejects.toThrow('the run has failed');
    return logged().map((line) => (JSON.parse(line) as { severity: string }).severity);
  };
  expect(await fail()).toEqual(['WARNING']);
  expect(await fail()).toEqual(['WARNING']);
  await run();
  expect(await fail()).toEqual(['WARNING']);
  expect(await fail()).toEqual(['WARNING']);
  expect(await fail()).toEqual(['WARNING', 'ERROR']);
});
