import { Unavailable, Unusable } from '../../../functions/src/errors.ts';
import { park } from '../../../functions/src/pipeline.ts';
import { lookThrough } from '../../../functions/src/reconcile/history.ts';
import { reconcile } from '../../../functions/src/reconcile/reconcile.ts';
import { logFromNow } from '../../harness/log.ts';
import { told, useOwnFirestore } from '../../harness/own-firestore.ts';
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  movement,
  openLook,
  pipelineOf,
  Till,
} from '../../harness/second-look.ts';

const own = useOwnFirestore();
const start = Date.parse('2026-03-31T10:00:00Z');
let clock = start;
const now = () => new Date(clock);
let till: Till;

beforeEach(() => {
  clock = start;
  till = new Till();
});

const look = () => openLook(till, pipelineOf(own().firestore, now));
const run = async () => lookThrough(await look());
const amounts = async () =>
  (await own().all('tn_payments')).map((row) => Number(row['amount'])).toSorted((a, b) => b - a);
const mark = async () => (await own().read('tn_looks/till'))?.['until'] as { toMillis(): number };
const hold = (id: string, minutesAgo: number, given: object = {}) => {
  till.hold(movement({ id, occurredAt: new Date(clock - minutesAgo * MINUTE_MS), ...given }));
};

test('the first look goes back 30 days, a day at a time, and books all that is listed', async () => {
  till.reachMs = 365 * DAY_MS;
  hold('old', 29 * 24 * 60);
  hold('new', 3);
  hold('back', 2, { kind: 'refund', amountCents: -400, parentId: 'new' });
  await run();
  expect(await amounts()).toEqual([1500, 1500, -400]);
  expect(till.calls.filter((call) => call.startsWith('list'))).toHaveLength(30);
  expect((await mark()).toMillis()).toBe(clock);
});

test('the next look comes after the pause of the gateway, and overlaps the last one', async () => {
  await run();
  till.calls = [];
  clock += 59 * MINUTE_MS;
  own().server.resetRpcs();
  expect(await run()).toBe(0);
  expect(till.calls).toEqual([]);
  expect(own().server.rpcs()).toEqual({ BatchGetDocuments: 1 });
  clock += MINUTE_MS;
  await run();
  expect(till.calls).toEqual(['list 03-31T09:50 03-31T11:00']);
});

test('a movement that the list showed late, within the overlap, is booked by the next look', async () => {
  await run();
  hold('late', 8);
  clock += HOUR_MS;
  await run();
  expect(await amounts()).toEqual([1500]);
});

test('the mark moves only when all of a span is booked', async () => {
  await run();
  const before = (await mark()).toMillis();
  for (const id of ['a', 'b', 'c']) hold(id, -30);
  clock += HOUR_MS;
  till.onPage = () => {
    // The second page is not answered.
    if (till.calls.length > 0) till.down.list = till.calls.splice(0).length > 1 ? 1 : 0;
    else till.down.list = 1;
  };
  till.calls = [];
  await expect(run()).rejects.toThrow(Unavailable);
  expect(await amounts()).toEqual([1500, 1500]);
  expect((await mark()).toMillis()).toBe(before);
  till.onPage = () => undefined;
  till.down.list = 0;
  await run();
  expect(await amounts()).toEqual([1500, 1500, 1500]);
  expect((await mark()).toMillis()).toBe(clock);
});

test('a span that is too long for one run is halved, and the list is gone through in the end', async () => {
  await run();
  till.lagMs = 2 * MINUTE_MS;
  for (let minute = 1; minute <= 20; minute += 1) hold(`p${minute}`, -minute);
  clock += HOUR_MS;
  const logged = logFromNow();
  let runs = 0;
  while ((await mark()).toMillis() < start + 30 * MINUTE_MS && runs < 60) {
    runs += 1;
    clock += 15 * MINUTE_MS;
    const slow = await look();
    let pages = 0;
    till.onPage = () => (pages += 1);
    await lookThrough({ ...slow, isOver: () => pages >= 4 });
  }
  expect(await amounts()).toHaveLength(20);
  expect(told(logged())).toContain('WARNING the list was too long for one run');
});

test('a gateway whose looks failed for a day, and beyond its reach, is an alert', async () => {
  till.reachMs = 30 * DAY_MS;
  await run();
  clock += 2 * DAY_MS;
  const logged = logFromNow();
  await run();
  clock += 40 * DAY_MS;
  await run();
  const alerts = told(logged()).filter((line) => line.startsWith('ERROR'));
  expect(alerts).toEqual([
    'ERROR the list of the gateway was not gone through for a day',
    'ERROR money may have moved unseen: the list does not reach back to the last look',
  ]);
});

test('the first look is no alert', async () => {
  const logged = logFromNow();
  await run();
  expect(told(logged())).toEqual([]);
});

test('two runs at once book everything once', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) hold(id, 30);
  hold('r', 20, { kind: 'refund', amountCents: -400, parentId: 'a' });
  await Promise.all([run(), run()]);
  expect(await amounts()).toEqual([1500, 1500, 1500, 1500, 1500, -400]);
  expect((await mark()).toMillis()).toBe(clock);
});

test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
  'a run that dies at its call %i of Firestore loses nothing and doubles nothing',
  async (step) => {
    await run();
    for (const id of ['a', 'b', 'c']) hold(id, -30);
    hold('r', -40, { kind: 'refund', amountCents: -400, parentId: 'a' });
    clock += HOUR_MS;
    own().server.refuse(step);
    await run().catch(() => undefined);
    own().server.refuse(0);
    await run();
    clock += HOUR_MS;
    await run();
    expect(await amounts()).toEqual([1500, 1500, 1500, -400]);
  },
);

test('a step that fails does not stop the others, and the run is told to have failed', async () => {
  hold('a', 30);
  const logged = logFromNow();
  const broken = await look();
  const failing = reconcile({
    ...broken,
    unpaid: Object.assign(broken.unpaid, {
      due: () => Promise.reject(new Unavailable('no orders')),
    }),
  });
  await expect(failing).rejects.toThrow(Unavailable);
  expect(await amounts()).toEqual([1500]);
  expect(told(logged())).toEqual(expect.arrayContaining(['WARNING no orders', 'INFO second look']));
});

test('a run with nothing to do makes four calls of Firestore, and none of the gateway', async () => {
  await reconcile(await look());
  clock += 15 * MINUTE_MS;
  till.calls = [];
  own().server.resetRpcs();
  const logged = logFromNow();
  await reconcile(await look());
  expect(own().server.rpcs()).toEqual({ RunQuery: 3, BatchGetDocuments: 1 });
  expect(till.calls).toEqual([]);
  expect(logged()).toEqual([]);
});

test('a mark in the future does not end the looks', async () => {
  await own()
    .doc('tn_looks/till')
    .set({ until: new Date(start + 300 * DAY_MS), span_ms: DAY_MS });
  hold('a', 0);
  clock += HOUR_MS;
  const logged = logFromNow();
  await run();
  await run();
  expect(await amounts()).toEqual([1500]);
  expect(told(logged()).filter((line) => line.startsWith('ERROR'))).toEqual([
    'ERROR the mark of the last look is in the future: the list is read from the start',
  ]);
});

test('a first look that fails for long is made up for, or told', async () => {
  till.reachMs = 365 * DAY_MS;
  hold('a', 30 * 24 * 60 - 60);
  till.down.list = 1;
  await expect(run()).rejects.toThrow(Unavailable);
  clock += 3 * DAY_MS;
  const logged = logFromNow();
  await run();
  expect(await amounts()).toEqual([1500]);
  expect(told(logged())).toContain('ERROR the list of the gateway was not gone through for a day');
});

test('a list without a name for what it cannot read is told, whatever else is parked', async () => {
  await park(
    pipelineOf(own().firestore, now),
    { gateway: 'till', event: { id: 'hash', type: 'unreadable' } },
    new Unusable('not JSON'),
  );
  const opened = await look();
  const history = opened.gateway.history;
  if (history === undefined) throw new Error('the till lists');
  const logged = logFromNow();
  await lookThrough({
    ...opened,
    gateway: {
      ...opened.gateway,
      history: {
        ...history,
        list: async function* () {
          yield [new Unusable('The list has an entry without an id.')];
        },
      },
    },
  });
  expect(told(logged())).toEqual(['ERROR The list has an entry without an id.']);
});
