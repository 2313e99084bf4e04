/*
 * The part of the Logging query language that `monitoring/` uses
 * (https://docs.cloud.google.com/logging/docs/view/logging-query-language): comparisons by =, =~, >= and :,
 * joined by AND, OR, NOT and brackets. Whatever else a filter holds is refused here.
 */

/** An entry of the log as Cloud Logging keeps it. */
export type LogEntry = Readonly<Record<string, unknown>>;

type Test = (entry: LogEntry) => boolean;

const severities = ['DEFAULT', 'DEBUG', 'INFO', 'NOTICE', 'WARNING', 'ERROR', 'CRITICAL'];

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([()])|(=~|>=|=|:)|([\w.*-]+))/y;

/** A line of our log as Cloud Run hands it on: severity apart, a lone message as text. */
export function entryOf(line: string): LogEntry {
  const { severity, ...payload } = JSON.parse(line) as Record<string, unknown>;
  const isLone = Object.keys(payload).join() === 'message';
  return {
    severity,
    resource: { type: 'cloud_run_revision' },
    ...(isLone ? { textPayload: payload['message'] } : { jsonPayload: payload }),
  };
}

/** @throws for what is not in the part of the language that is known here. */
export function readFilter(text: string): Test {
  const tokens = tokensOf(text);
  const test = conjunction(tokens);
  if (tokens.length > 0) throw new Error(`the filter goes on with ${tokens.join(' ')}`);
  return test;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < text.trimEnd().length) {
    const at = pattern.lastIndex;
    const found = pattern.exec(text);
    if (found === null) throw new Error(`the filter cannot be read from: ${text.slice(at)}`);
    tokens.push(found[0].trim());
  }
  return tokens;
}

/** OR binds closer than AND, and NOT closer than both. */
function conjunction(tokens: string[]): Test {
  const tests = [disjunction(tokens)];
  while (tokens[0] === 'AND') {
    tokens.shift();
    tests.push(disjunction(tokens));
  }
  return (entry) => tests.every((test) => test(entry));
}

function disjunction(tokens: string[]): Test {
  const tests = [negation(tokens)];
  while (tokens[0] === 'OR') {
    tokens.shift();
    tests.push(negation(tokens));
  }
  return (entry) => tests.some((test) => test(entry));
}

function negation(tokens: string[]): Test {
  if (tokens[0] === 'NOT') {
    tokens.shift();
    const test = negation(tokens);
    return (entry) => !test(entry);
  }
  if (tokens[0] !== '(') return comparison(tokens);
  tokens.shift();
  const test = conjunction(tokens);
  if (tokens.shift() !== ')') throw new Error('a bracket is not closed');
  return test;
}

function comparison(tokens: string[]): Test {
  const [field = '', operator = '', value = ''] = tokens.splice(0, 3);
  if (!/^[a-z][\w.]*$/i.test(field) || value === '') throw new Error(`no comparison: ${field}`);
  const wanted = value.startsWith('"') ? (JSON.parse(value) as string) : value;
  return (entry) => {
    const found = field
      .split('.')
      .reduce<unknown>((part, name) => (part as LogEntry | undefined)?.[name], entry);
    return compare(found, operator, wanted, field);
  };
}

/** A field that is missing fits no comparison. */
function compare(found: unknown, operator: string, wanted: string, field: string): boolean {
  if (found === undefined || found === null) return false;
  const text = typeof found === 'string' ? found : JSON.stringify(found);
  switch (operator) {
    case '=':
      return text.toLowerCase() === wanted.toLowerCase();
    case '=~':
      return new RegExp(wanted).test(text);
    case ':':
      return wanted === '*' || text.toLowerCase().includes(wanted.toLowerCase());
    case '>=':
      if (field !== 'severity') throw new Error('only severities are compared by >=');
      return severities.indexOf(text) >= severities.indexOf(wanted);
    default:
      throw new Error(`the operator ${operator} is not known here`);
  }
}
