import { openGooglePlay } from '../../../../functions/src/gateways/googleplay/google-play.ts';
import { sweepVoids } from '../../../../functions/src/gateways/googleplay/sweep.ts';
import { openPipeline } from '../../../../functions/src/pipeline.ts';
import { ingestClaim } from '../../../../functions/src/stores/claim.ts';
import { logFromNow } from '../../../harness/log.ts';
import { told } from '../../../harness/own-firestore.ts';

jest.mock('../../../../functions/src/pipeline.ts');
jest.mock('../../../../functions/src/stores/claim.ts');
jest.mock('../../../../functions/src/gateways/googleplay/google-play.ts');
jest.mock('../../../../functions/src/gateways/googleplay/config.ts', () => ({
  NAME: 'googleplay',
  readConfig: () => ({}),
}));

const MINUTE_MS = 60_000;

/** Sweeps two pages of one refund each, where each takes some minutes. */
async function sweep(minutes: number, shown = 'whole') {
  let now = 0;
  const page = (token: string) => [{ token, googleOrderId: null, isWhole: true }];
  const api = {
    async *listVoids() {
      yield page('token1');
      yield page('token2');
    },
  };
  const pipeline = { now: () => new Date(now) };
  jest.mocked(openPipeline).mockResolvedValue(pipeline as Awaited<ReturnType<typeof openPipeline>>);
  jest
    .mocked(openGooglePlay)
    .mockReturnValue({ api, voids: {} } as unknown as ReturnType<typeof openGooglePlay>);
  jest.mocked(ingestClaim).mockImplementation(async () => {
    now += minutes * MINUTE_MS;
    if (shown === 'error') throw new TypeError('a bug');
    return { shown, movements: [] };
  });
  const logged = logFromNow();
  await sweepVoids();
  return logged;
}

const counts = (logged: () => string[]) => JSON.parse(logged().at(-1) ?? '') as unknown;

test('all refunds of the list are taken, and counted', async () => {
  const logged = await sweep(3);
  expect(told(logged())).toEqual(['INFO refunds listed by the store']);
  expect(counts(logged)).toMatchObject({ gateway: 'googleplay', rows: 2, failed: 0 });
});

test('a list that is too long for one run is an alert with what was done', async () => {
  const logged = await sweep(9);
  expect(told(logged())).toEqual([
    'ERROR the list of refunds was too long for one run',
    'INFO refunds listed by the store',
  ]);
  expect(JSON.parse(logged()[0] ?? '')).toMatchObject({ gateway: 'googleplay', rows: 1 });
});

test('a refund that fails, or that Google does not show, keeps no other from its turn', async () => {
  expect(counts(await sweep(1, 'nothing'))).toMatchObject({ rows: 2, failed: 2 });
  const logged = await sweep(1, 'error');
  expect(counts(logged)).toMatchObject({ rows: 2, failed: 2 });
  expect(told(logged()).slice(0, 2)).toEqual(Array(2).fill('ERROR unexpected error'));
});
