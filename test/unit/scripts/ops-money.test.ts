import type { OpsClient } from '../../../scripts/ops/client.ts';
import { readCommand, run, type Command } from '../../../scripts/ops/commands.ts';

const reason = ['--reason', 'a top-up was lost'];

test.each<[string[], string]>([
  [['adjust', 'ann', '0', ...reason], '0 is no amount'],
  [['adjust', 'ann', '-0', ...reason], '-0 is no amount'],
  [['adjust', 'ann', '5.00', ...reason], '5.00 is no amount'],
  [['adjust', 'ann', '1e3', ...reason], '1e3 is no amount'],
  [['adjust', 'ann', '10000001', ...reason], '10000001 is no amount'],
  [['adjust', 'ann', ...reason], 'adjust needs a uid and an amount in cents.'],
  [['adjust', 'ann', '500'], 'adjust needs a --reason.'],
  [['adjust', 'ann', '500', '--reason', ' '], 'adjust needs a --reason.'],
  [['adjust', '--approve', 'a', '--decline', 'a'], 'Either --approve or --decline.'],
  [['adjust', 'ann', '500', '--approve', 'a'], 'The id of the adjustment says it all.'],
  [['adjust', '--decline', 'a'], '--decline needs a --reason.'],
  [['move', 'till_a', 'ann'], 'move needs a --reason.'],
  [['move', 'till_a', 'ann', '--reason', ' '], 'move needs a --reason.'],
  [['move', 'till_a', ...reason], 'move needs more'],
  [['move', 'till_a', 'ann', '500', ...reason], 'move takes no 500.'],
  [['move', 'till_a', 'ann', '--key', 'another1', ...reason], 'move takes no --key.'],
])('%j is refused before any call: %s', (argv, words) => {
  expect(readCommand(argv)).toContain(words);
});

/** Answers every call alike, and keeps what was sent. */
class Recorder implements OpsClient {
  readonly sent: [name: string, body: Readonly<Record<string, unknown>>][] = [];
  readonly #body: object;

  constructor(body: object) {
    this.#body = body;
  }

  read(name: string) {
    return this.act(name, {});
  }

  act(name: string, body: Readonly<Record<string, unknown>>) {
    this.sent.push([name, body]);
    return Promise.resolve({ status: 200, body: this.#body });
  }
}

const adjustment = {
  adjustment_id: 'a1',
  uid: 'ann',
  payment_id: null,
  amount: -500,
  reason: 'a top-up was lost',
  state: 'waiting',
  made_by: 'bob@example.com',
  made_at: 0,
  decided_at: null,
};

async function told(argv: string[], body: object = { adjustment, rows: [] }) {
  const client = new Recorder(body);
  const text = await run(readCommand(argv) as Command, client);
  return { text, sent: client.sent };
}

test('the same command has the same key; another amount, reason or user has another', async () => {
  const keys = [];
  for (const [uid, cents, why] of [
    ['ann', '-500', 'lost'],
    ['ann', '-500', 'lost'],
    ['ann', '-500', ' lost '],
    ['ann', '500', 'lost'],
    ['ann', '-500', 'lost again'],
    ['bob', '-500', 'lost'],
  ] as const) {
    const { sent } = await told(['adjust', uid, cents, '--reason', why]);
    expect(sent).toMatchObject([['staff-adjust', { uid, cents: Number(cents), reason: why }]]);
    keys.push(sent[0]?.[1]['key']);
  }
  expect(new Set(keys.slice(0, 3)).size).toBe(1);
  expect(new Set(keys).size).toBe(4);
  const { sent } = await told(['adjust', 'ann', '500', ...reason, '--key', 'a-second-one']);
  expect(sent[0]?.[1]['key']).toBe('a-second-one');
});

test('one that waits names the command of the second person', async () => {
  expect((await told(['adjust', 'ann', '-500', ...reason])).text).toBe(
    '-5.00 USD for ann, asked for by bob@example.com at 1970-01-01 00:00 UTC: waits for a second person, who runs: npm run ops -- adjust --approve a1',
  );
});

test('the waiting ones are a table; none is said in words', async () => {
  const listed = await told(['adjustments'], { adjustments: [adjustment], is_more: true });
  expect(listed.text).toContain(
    'a1          1970-01-01 00:00  -5.00  ann   –      bob@example.com',
  );
  expect(listed.text).toContain('There are more');
  const none = await told(['adjustments'], { adjustments: [], is_more: false });
  expect(none.text).toBe('No adjustment waits for a second person.');
});

test('an approval and a refusal name the adjustment', async () => {
  const approved = await told(['adjust', '--approve', 'a1']);
  expect(approved.sent).toEqual([['staff-approveAdjustment', { adjustment_id: 'a1' }]]);
  const declined = await told(['adjust', '--decline', 'a1', '--reason', 'not ours'], {
    adjustment: { ...adjustment, state: 'declined' },
    rows: [],
  });
  expect(declined.sent).toEqual([
    ['staff-declineAdjustment', { adjustment_id: 'a1', reason: 'not ours' }],
  ]);
  expect(declined.text).toContain(': declined.');
});
