import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { log } from '../../../functions/src/log.ts';
import { scheduled } from '../../../functions/src/schedule/scheduled.ts';
import { readMonitoring } from '../../../scripts/monitoring/files.ts';
import { intervalsMs } from '../../../scripts/stack/schedule.ts';
import { alertedBy } from '../../harness/alerted.ts';
import { entryOf, readFilter } from '../../harness/log-filter.ts';
import { logFromNow } from '../../harness/log.ts';

/* `test/harness/alerted-lines.ts` holds every line that any test makes the code write to the policies. */

type Level = 'info' | 'warn' | 'alert';

/** The message of every call of the log in the functions; what is filled in is an x. */
function messagesOf(level: Level): string[] {
  return globSync('functions/src/**/*.ts').flatMap((path) => {
    const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2024);
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.expression.getText(source) === `log.${level}`) {
        const [message] = node.arguments;
        if (message !== undefined) found.push(...textsOf(message));
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

/** The texts that an expression may be; a name stands for any text. */
function textsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node))
    return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (!ts.isTemplateExpression(node)) return ['any text of a constant'];
  return [node.head.text + node.templateSpans.map(({ literal }) => `x${literal.text}`).join('')];
}

/** The one line that is written. */
function lineOf(write: () => void): string {
  const logged = logFromNow();
  write();
  const [line = ''] = logged();
  return line;
}

const alertLine = (message: string) =>
  lineOf(() => {
    log.alert(message, { gateway: 'stripe', next_step: 'look' });
  });

const alerts = messagesOf('alert');

test('every message that calls for a person sets off one policy', () => {
  expect(alerts.length).toBeGreaterThan(20);
  const alerted = alerts.map((message) => [message, alertedBy(alertLine(message))] as const);
  expect(alerted.filter(([, policies]) => policies.length !== 1)).toEqual([]);
  const special = alerted.filter(([, [policy]]) => policy !== 'errors');
  expect(Object.fromEntries(special)).toEqual({
    'no event is proven, and all are refused: check x': ['door'],
    'a schedule is stuck: three runs in a row have failed': ['stuck-schedule'],
    'the oldest row that is due has waited for more than an hour': ['late-rows'],
  });
});

test.each(['info', 'warn'] as const)('no message of %s sets off any', (level) => {
  const messages = messagesOf(level);
  expect(messages.length).toBeGreaterThan(3);
  for (const message of messages) {
    const line = lineOf(() => {
      log[level](message, { gateway: 'stripe', next_step: 'look' });
    });
    expect([message, alertedBy(line)]).toEqual([message, []]);
  }
});

test('a bug and a wrong setting set one off, an outage of somebody else none', async () => {
  const { Misconfigured, Unavailable } = await import('../../../functions/src/errors.ts');
  const policiesOf = (error: unknown) =>
    alertedBy(
      lineOf(() => {
        log.failure(error);
      }),
    );
  expect(policiesOf(new TypeError('x'))).toEqual(['errors']);
  expect(policiesOf(new Misconfigured('PAYMENTS_MODE is missing'))).toEqual(['errors']);
  expect(policiesOf(new Unavailable('Stripe did not answer.'))).toEqual([]);
});

interface Metric {
  readonly name: string;
  readonly filter: string;
}

interface Query {
  readonly userLabels: { readonly payments: string };
  readonly conditions: readonly {
    readonly conditionPrometheusQueryLanguage?: { readonly query: string };
  }[];
}

const { metrics, policies, dashboard } = readMonitoring({
  project: 'demo',
  host: 'example.com',
  path: '/',
});
const files = JSON.stringify([metrics, policies, dashboard]);

/** The metrics that count a line. */
const countedBy = (line: string) =>
  (metrics as unknown as readonly Metric[])
    .filter(({ filter }) => readFilter(filter)(entryOf(line)))
    .map(({ name }) => name);

test('a run that ended well is counted by its function, one that failed is not', async () => {
  let isBroken = false;
  const run = scheduled('sync-retryUnsynced', async () => {
    if (isBroken) throw new Error('x');
  });
  const logged = logFromNow();
  await run();
  isBroken = true;
  for (let count = 0; count < 3; count += 1) await run().catch(() => undefined);
  const lines = logged();
  expect(lines.map(countedBy)).toEqual([
    ['payments_runs'],
    ...Array<string[]>(4).fill(['payments_alerts']),
  ]);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ function: 'sync-retryUnsynced' });
  expect(lines.map(alertedBy)).toEqual([
    [],
    ...Array<string[]>(3).fill(['errors']),
    ['stuck-schedule'],
  ]);
});

test('every metric counts a message of the code', () => {
  const lines = messagesOf('info').map((message) =>
    lineOf(() => {
      log.info(message, { gateway: 'stripe' });
    }),
  );
  const counted = [...lines, alertLine('x')].flatMap(countedBy);
  const names = (metrics as unknown as readonly Metric[]).map(({ name }) => name);
  expect([...new Set(counted)].toSorted()).toEqual(names.toSorted());
});

test('what is taken out of a line is a field of the log', () => {
  const fields = readFileSync('functions/src/log.ts', 'utf8');
  const taken = [...files.matchAll(/EXTRACT\(jsonPayload\.(\w+)\)/g)].map(([, name = '']) => name);
  expect(taken.length).toBeGreaterThan(10);
  const unknown = taken.filter((name) => !fields.includes(`readonly ${name}?`));
  expect(unknown.filter((name) => name !== 'message')).toEqual([]);
});

test('charts and absences ask for metrics that are made, and wait for longer than a pause', () => {
  const asked = [...files.matchAll(/googleapis(?:\.com\/user\/|_com:user_)(\w+)/g)];
  expect(new Set(asked.map(([, name]) => name))).toEqual(
    new Set((metrics as unknown as readonly Metric[]).map(({ name }) => name)),
  );
  const windowMs = (id: string) => {
    const policy = (policies as unknown as readonly Query[]).find(
      ({ userLabels }) => userLabels.payments === id,
    );
    const { query = '' } = policy?.conditions[0]?.conditionPrometheusQueryLanguage ?? {};
    const [, count, unit] = /\[(\d+)([hm])\]/.exec(query) ?? [];
    return Number(count) * (unit === 'h' ? 60 : 1) * 60_000;
  };
  const { 'sync-retryUnsynced': sweepMs = 0, ...others } = intervalsMs as Record<string, number>;
  expect(windowMs('no-sweep')).toBeGreaterThan(3 * sweepMs);
  expect(windowMs('no-run')).toBeGreaterThan(2 * Math.max(...Object.values(others)));
});

test('a notification shows the line and its next step', () => {
  for (const policy of policies) {
    const text = JSON.stringify(policy);
    const shown = [...text.matchAll(/\$\{log\.extracted_label\.(\w+)\}/g)].map(([, name]) => name);
    if (text.includes('conditionMatchedLog')) {
      expect(shown).toEqual(expect.arrayContaining(['message', 'next_step']));
      for (const name of shown) expect(text).toContain(`"${name}":"EXTRACT(`);
    } else {
      expect(text).toContain('Next step: ');
    }
  }
});
