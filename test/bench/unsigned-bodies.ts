import { createRequire } from 'node:module';
import { valuesUnder } from '../../scripts/stack/configure.ts';

/*
 * The CPU time that an unsigned body costs each webhook, beyond reading it: `npm run bench`. Ends with
 * 1 when one of 1 MB costs more than 5 ms.
 */

type Webhook = (request: object, response: object) => Promise<void>;

const MOST_MS = 5;
const ROUNDS = 5;
const CALLS = 20;

/** What a stranger sends, in the given number of bytes. */
const bodies: Readonly<Record<string, (bytes: number) => string>> = {
  'fields without end': (bytes) => 'a&'.repeat(bytes / 2),
  'short fields': (bytes) => '1z&2z&'.repeat(bytes / 6),
  'one long field': (bytes) => `a=${'x'.repeat(bytes - 2)}`,
  'escaped characters': (bytes) => `a=${'%41'.repeat((bytes - 2) / 3)}`,
  'deep JSON': (bytes) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2),
  'wide JSON': (bytes) => `{${'"a":1,'.repeat((bytes - 8) / 6)}"b":1}`,
  'a long text in JSON': (bytes) => `{"signedPayload":"${'x'.repeat(bytes - 20)}"}`,
  'three long parts in JSON': (bytes) => {
    const part = 'x'.repeat((bytes - 24) / 3);
    return `{"signedPayload":"${part}.${part}.${part}"}`;
  },
};

const LARGEST = 1_000_000;
const sizes = { '1 MB': LARGEST, '64 KB': 64_000, '16 KB': 16_000 } as const;

/** Answers the status. */
async function send(webhook: Webhook, body: Buffer): Promise<number> {
  let answer = 0;
  const response = {
    writeHead: (status: number) => {
      answer = status;
      return response;
    },
    setHeader: () => response,
    end: () => response,
  };
  const headers = { 'content-length': String(body.length), ...signatures };
  await webhook({ method: 'POST', headers, rawBody: body }, response);
  return answer;
}

/** Headers that look like a signature, so that the body is looked at. */
const signatures = {
  'stripe-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`,
};

/** The middle one of a few measurements, because other work of the machine disturbs some. */
async function cpuMs(webhook: Webhook, body: Buffer): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let call = 0; call < CALLS; call += 1) await send(webhook, body);
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / 1000 / CALLS);
  }
  return rounds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}

const { parameters, secrets } = valuesUnder({});
const project = 'demo-temp-number';
Object.assign(process.env, parameters, secrets, {
  GCLOUD_PROJECT: project,
  FIREBASE_CONFIG: JSON.stringify({ projectId: project }),
});
// One log line a refusal is printed on a real instance, too, but its terminal is not ours to measure.
const silent = () => undefined;
Object.assign(console, { log: silent, info: silent, warn: silent, error: silent });

const load = createRequire(import.meta.url);
const groups = load('../../functions/lib/index.js') as Record<
  string,
  { handleWebhookEvents?: Webhook }
>;

let isOver = false;
for (const [gateway, { handleWebhookEvents: webhook }] of Object.entries(groups)) {
  if (webhook === undefined) continue;
  for (const [size, bytes] of Object.entries(sizes)) {
    let worst = { ms: 0, kind: '', status: 0 };
    for (const [kind, make] of Object.entries(bodies)) {
      const body = Buffer.from(make(bytes));
      const status = await send(webhook, body);
      const ms = await cpuMs(webhook, body);
      if (ms > worst.ms) worst = { ms, kind, status };
    }
    isOver ||= bytes === LARGEST && worst.ms > MOST_MS;
    const cells = [gateway.padEnd(11), size.padStart(5), `${worst.ms.toFixed(2)} ms`.padStart(9)];
    process.stdout.write(`${cells.join('  ')}  ${String(worst.status)}  ${worst.kind}\n`);
  }
}
process.exit(isOver ? 1 : 0);
