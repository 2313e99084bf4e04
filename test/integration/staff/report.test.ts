import { randomUUID } from 'node:crypto';
import type { StaffUser } from '../../../scripts/stack/client.ts';
import { writeRows } from '../app/rows.ts';
import { Office, type Body } from './office.ts';

jest.setTimeout(120_000);

let office: Office;
let finance: StaffUser;

beforeAll(async () => {
  office = await Office.open();
  finance = await office.app.stack.signInAsStaff('finance');
});

afterAll(() => office.close());

const list = (query: Record<string, string>) => office.read('staff-listMonth', query, finance);
const idsOf = (body: Body) =>
  (body['rows'] as { payment_id: string }[]).map((one) => one.payment_id);

test('the rows that were booked in the month, in UTC, page by page, of a deleted account, too', async () => {
  // A gateway of its own, so that no other suite's rows are among them.
  const gateway = `till${randomUUID().slice(0, 8)}`;
  const id = (name: string) => `${gateway}_${name}`;
  const at = (time: string) => ({ gateway, created_at: new Date(time) });
  const same = at('2031-02-10T00:00:00Z');
  const many = Array.from({ length: 300 }, (_, index) => ({
    id: id(`m${String(index).padStart(3, '0')}`),
    ...same,
  }));
  await writeRows(office.app.stack.firestore, '(deleted account)', many);
  await writeRows(office.app.stack.firestore, 'ann', [
    { id: id('before'), ...at('2031-01-31T23:59:59.999Z') },
    { id: id('first'), ...at('2031-02-01T00:00:00Z'), is_reviewer: true },
    { id: id('last'), ...at('2031-02-28T23:59:59.999Z'), kind: 'refund', parent_id: id('first') },
    { id: id('after'), ...at('2031-03-01T00:00:00Z') },
  ]);
  const { body } = await list({ month: '2031-02', gateway });
  expect(idsOf(body)).toEqual([id('first'), ...many.slice(0, 299).map((row) => row.id)]);
  expect(body).toMatchObject({ next: id('m298') });
  expect((body['rows'] as Body[]).slice(0, 2)).toMatchObject([
    { uid: 'ann', is_reviewer: true, mode: 'test', amount: 1500, state: 'synced' },
    { uid: '(deleted account)', is_reviewer: false },
  ]);
  const rest = await list({ month: '2031-02', gateway, after: id('m298') });
  expect(rest.body).toMatchObject({ rows: [{}, { parent_id: id('first') }], next: null });
  expect(idsOf(rest.body)).toEqual([id('m299'), id('last')]);
  const all = await list({ month: '2031-03' });
  expect(idsOf(all.body)).toContain(id('after'));
  expect((await list({ month: '2031-02', after: id('none') })).status).toBe(404);
});

test.each(['2031-13', '2031-2', '31-02', ''])('%j is no month', async (month) => {
  expect((await list({ month })).status).toBe(400);
});

test.each(['viewer', 'support'] as const)('a %s may not', async (role) => {
  const member = await office.app.stack.signInAsStaff(role);
  const { status } = await office.read('staff-listMonth', { month: '2031-02' }, member);
  expect(status).toBe(403);
});
