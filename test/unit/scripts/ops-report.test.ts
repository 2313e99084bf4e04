import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { OpsClient } from '../../../scripts/ops/client.ts';
import { readCommand } from '../../../scripts/ops/commands.ts';
import { reportCommand } from '../../../scripts/ops/report.ts';

const row = (given: object = {}) => ({
  payment_id: 'till_a',
  parent_id: null,
  order_id: 'order1',
  uid: 'ann',
  gateway: 'till',
  kind: 'payment',
  amount: 1500,
  mode: 'live',
  is_reviewer: false,
  occurred_at: 0,
  created_at: 5,
  state: 'synced',
  fault: null,
  ...given,
});

/** Answers with one page after the other, and keeps what was asked. */
class Pages implements OpsClient {
  readonly asked: Readonly<Record<string, string>>[] = [];
  readonly #pages: readonly (readonly object[])[];

  constructor(...pages: readonly (readonly object[])[]) {
    this.#pages = pages;
  }

  read(_name: string, query: Readonly<Record<string, string>>) {
    const at = this.asked.push(query);
    const next = at < this.#pages.length ? `page${at}` : null;
    return Promise.resolve({ status: 200, body: { rows: this.#pages[at - 1] ?? [], next } });
  }

  act(): never {
    throw new Error('a report changes nothing');
  }
}

const later = new Date('2027-01-01T00:00:00Z');
const november = { month: '2026-11', gateway: undefined, csv: undefined };
const plain = (text: string) =>
  text.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | ').trim());

test('sums of all pages, by mode, gateway and kind; reviewers are apart', async () => {
  const client = new Pages(
    [row(), row({ amount: 700 })],
    [
      row({ kind: 'refund', amount: -500 }),
      row({ mode: 'test', amount: 9 }),
      row({ is_reviewer: true, uid: '(deleted account)' }),
      row({ gateway: 'manual', kind: 'move', amount: 300 }),
      row({ gateway: 'manual', kind: 'move', amount: -300 }),
      row({ kind: 'refund', amount: null }),
    ],
  );
  expect(plain(await reportCommand(client, november, later))).toEqual([
    '2026-11, in UTC, by the time that a row was booked.',
    '',
    'Mode | Gateway | Kind | Rows | USD | Cents',
    'live | manual | move | 2 | 0.00 | 0',
    'live | till | payment | 2 | 22.00 | 2200',
    'live | till | refund | 2 | -5.00 | -500',
    'live | total | 6 | 17.00 | 1700',
    'live, reviewers | till | payment | 1 | 15.00 | 1500',
    'live, reviewers | total | 1 | 15.00 | 1500',
    'test | till | payment | 1 | 0.09 | 9',
    'test | total | 1 | 0.09 | 9',
    '',
    'Fees of the gateways are not known here: see their own reports.',
    'Rows without a readable amount count as 0 in the sums: 1.',
  ]);
  expect(client.asked).toEqual([{ month: '2026-11' }, { month: '2026-11', after: 'page1' }]);
});

test('a month that is not over, of one gateway, without a row', async () => {
  const client = new Pages([]);
  const asked = { ...november, gateway: 'till' };
  expect(await reportCommand(client, asked, new Date('2026-11-30T23:59:59Z'))).toContain(
    'The month is not over yet: its sums may change.\n\nNo row was booked.',
  );
  expect(client.asked).toEqual([{ month: '2026-11', gateway: 'till' }]);
});

test('every row is a line of the file, and no cell is a formula', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  const csv = join(folder, 'november.csv');
  const odd = row({ payment_id: '=1+1', uid: '@ann', kind: '-x', gateway: '+1,"', amount: -500 });
  const text = await reportCommand(new Pages([row()], [odd]), { ...november, csv }, later);
  const lines = readFileSync(csv, 'utf8').split('\r\n');
  rmSync(folder, { recursive: true });
  expect(text).toContain(`Every row is in ${csv}.`);
  expect(lines).toEqual([
    'payment_id,parent_id,order_id,kind,gateway,mode,is_reviewer,amount_cents,currency,occurred_at,created_at,uid,is_synced,state',
    'till_a,,order1,payment,till,live,false,1500,USD,1970-01-01T00:00:00.000Z,1970-01-01T00:00:05.000Z,ann,true,synced',
    `'=1+1,,order1,'-x,"'+1,""",live,false,-500,USD,1970-01-01T00:00:00.000Z,1970-01-01T00:00:05.000Z,'@ann,true,synced`,
    '',
  ]);
});

test('a file that cannot be written is told before any call', async () => {
  const client = new Pages([]);
  const csv = join(tmpdir(), 'no-such-folder', 'november.csv');
  await expect(reportCommand(client, { ...november, csv }, later)).rejects.toThrow(
    `${csv} cannot be written`,
  );
  expect(client.asked).toEqual([]);
});

test('the file of an earlier report stays where this one fails', async () => {
  const csv = join(mkdtempSync(join(tmpdir(), 'ops-report-')), 'november.csv');
  await reportCommand(new Pages([row()]), { ...november, csv }, later);
  const before = readFileSync(csv, 'utf8');
  const refusing: OpsClient = {
    read: () => Promise.resolve({ status: 503, body: { errorMessage: 'Try again later.' } }),
    act: () => Promise.reject(new Error('none')),
  };
  await expect(reportCommand(refusing, { ...november, csv }, later)).rejects.toThrow('Repeat it');
  expect(readFileSync(csv, 'utf8')).toBe(before);
  rmSync(dirname(csv), { recursive: true });
});

test.each([['2026-13'], ['2026'], ['november'], ['2026-11-01'], ['1999-11']])(
  '%s is no month',
  (month) => {
    expect(readCommand(['report', month])).toBe(`${month} is no month: 2026-11 is one.`);
  },
);
