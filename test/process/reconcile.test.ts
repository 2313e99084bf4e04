import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StackClient, type User } from '../../scripts/stack/client.ts';
import { givenVariables } from '../../scripts/stack/emulators.ts';
import { gateways } from '../../scripts/stack/gateways/index.ts';
import { origin, ports, PROJECT } from '../../scripts/stack/values.ts';
import { silenceScenes } from '../../scripts/story/silence.ts';
import { endRuns, Run } from '../harness/run.ts';

jest.setTimeout(360_000);

/** `npm run reconcile` on a stack where the second look has booked what no event told. */

const firestoreHost = new URL(origin(ports.firestore)).host;
const names = gateways.map(({ name }) => name);
const DAY_MS = 24 * 60 * 60_000;
let client: StackClient;
let user: User;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-'));
  const stack = new Run(['scripts/stack.ts']);
  await stack.prints('The stack is up; Ctrl-C ends it.');
  client = new StackClient(firestoreHost);
  user = await client.signIn();
  for (const scene of silenceScenes) await scene.play(client, user);
});

afterAll(async () => {
  await client.close();
  await endRuns();
  rmSync(folder, { recursive: true });
});

/** A report on today; a movement may have been a minute before midnight. */
async function report(args: readonly string[] = [], environment: Record<string, string> = {}) {
  const day = (offset: number) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
  const span = ['--from', day(-1), '--to', day(1)];
  const run = new Run(['scripts/reconcile.ts', ...span, ...args], environment);
  return { code: await run.exitCode(), out: run.stdout, error: run.stderr };
}

/** The lines of a report that begin with one of these. */
function linesOf(out: string, ...starts: readonly string[]): string[] {
  const lines = out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));
  return lines.filter((line) => starts.some((start) => line.startsWith(start)));
}

async function rowOf(gateway: string, kind: string) {
  const rows = await client.rows(user);
  const row = rows.find((one) => one['gateway'] === gateway && one['kind'] === kind);
  if (row === undefined) throw new Error(`no ${kind} by ${gateway}`);
  const id = String(row['payment_id']);
  return { id, row, document: client.firestore.collection('tn_payments').doc(id) };
}

test('where gateways, rows and the Retail API agree: the sums, no difference, 0', async () => {
  const { code, out, error } = await report();
  if (code !== 0) throw new Error(out + error);
  expect([error, out]).toEqual(['', expect.stringMatching(/\nNo differences\.\n$/)]);
  expect(linesOf(out, ...names)).toEqual(
    expect.arrayContaining([
      'stripe | payment | 2 | 19.00 | 2 | 19.00 | 2',
      'stripe | refund | 1 | -3.00 | 1 | -3.00 | 1',
      'paypal | payment | 1 | 14.00 | 1 | 14.00 | 1',
      'paypal | refund | 1 | -4.00 | 1 | -4.00 | 1',
      'cryptomus | payment | 1 | 16.00 | 1 | 16.00 | 1',
      'payeer | payment | 1 | 17.00 | 1 | 17.00 | 1',
      'anypay | payment | 1 | 18.00 | 1 | 18.00 | 1',
      'wayforpay | payment | 1 | 19.00 | 1 | 19.00 | 1',
      'wayforpay | refund | 1 | -9.00 | 1 | -9.00 | 1',
      'appstore | payment | 1 | 5.00 | 1 | 5.00 | 1',
      'appstore | refund | 1 | -5.00 | 1 | -5.00 | 1',
      'googleplay | payment | 1 | 5.00 | 1 | 5.00 | 1',
      'googleplay | refund | 1 | -5.00 | 1 | -5.00 | 1',
    ]),
  );
});

test('a row that is gone, and one that a person has changed: each by name, as CSV too, 1', async () => {
  const gone = await rowOf('payeer', 'payment');
  const changed = await rowOf('anypay', 'payment');
  await gone.document.delete();
  await changed.document.update({ amount: 1 });
  const csv = join(folder, 'differences.csv');
  const { code, out } = await report(['--csv', csv]);
  await gone.document.set(gone.row);
  await changed.document.update({ amount: 1800 });
  expect(code).toBe(1);
  expect(out).toContain('\n2 differences\n');
  expect(linesOf(out, 'missing', 'amount')).toEqual([
    expect.stringContaining(`amount | ${changed.id} | 18.00 | 0.01 | `),
    expect.stringContaining(`missing | ${gone.id} | 17.00 | – | `),
  ]);
  const [head, ...lines] = readFileSync(csv, 'utf8').split('\r\n');
  expect(head).toMatch(/^gateway,difference,movement,payment_id,order_id,/);
  expect(lines).toEqual([
    expect.stringMatching(`^anypay,amount,payment,${changed.id},[\\w-]+,1800,1,`),
    expect.stringMatching(`^payeer,missing,payment,${gone.id},[\\w-]+,1700,,`),
    '',
  ]);
});

test('on a project: the variables of the environment; a gateway that cannot be opened hides no other', async () => {
  const { code, out } = await report([], {
    ...givenVariables(),
    GOOGLE_CLOUD_PROJECT: PROJECT,
    FIRESTORE_EMULATOR_HOST: firestoreHost,
    CRYPTOMUS_MERCHANT_ID: '',
  });
  expect(code).toBe(1);
  expect(linesOf(out, 'cryptomus')).toEqual([
    expect.stringContaining('cryptomus could not be compared: '),
  ]);
  for (const name of names.filter((one) => one !== 'cryptomus')) {
    expect(linesOf(out, `${name} | payment`)).toHaveLength(1);
  }
});

test('a gateway that refuses our keys hides no other; only the named ones are asked', async () => {
  await client.paypal.revokeTokens();
  await client.paypal.fault({ match: 'POST /v1/oauth2/token', status: 401, times: 9 });
  const { code, out } = await report(['--gateway', 'paypal', '--gateway', 'stripe']);
  expect(code).toBe(1);
  expect(linesOf(out, ...names)).toEqual([
    expect.stringContaining('stripe | payment | 2'),
    expect.stringContaining('stripe | refund | 1'),
    expect.stringContaining('paypal could not be compared: '),
  ]);
});

test.each([
  [['--from', '2026-13-01'], '--from is missing or is not a date.'],
  [['--to', '2020-01-01'], '--to must be after --from.'],
  [['--gateway', 'till'], 'Not a gateway: till. There are anypay, '],
  [['--month', 'May'], "Unknown option '--month'"],
])('%j is no question that can be answered: 2', async (args, message) => {
  const { code, out, error } = await report(args);
  expect([code, out]).toEqual([2, '']);
  expect(error).toContain(message);
});
