import {
  Misconfigured,
  TooManyRequests,
  Unauthentic,
  Unavailable,
} from '../../functions/src/errors.ts';
import { log } from '../../functions/src/log.ts';
import { logFromNow } from '../harness/log.ts';

const SECRET = 'canary-of-a-secret';

/** The one line that `say` logs. */
function lineOf(say: () => void): Record<string, unknown> {
  const lines = logFromNow();
  say();
  const [line, ...others] = lines();
  expect(others).toEqual([]);
  return JSON.parse(line ?? '') as Record<string, unknown>;
}

const failure = (error: unknown) =>
  lineOf(() => {
    log.failure(error, { function: 'stripe-getPaymentIntent' });
  });

test.each([
  ['info', 'INFO'],
  ['warn', 'WARNING'],
  ['alert', 'ERROR'],
] as const)('%s is of severity %s and says its fields', (level, severity) => {
  const line = lineOf(() => {
    log[level]('a row was written', { gateway: 'stripe', rows: 2, next_step: 'look' });
  });
  const fields = { gateway: 'stripe', rows: 2, next_step: 'look' };
  expect(line).toEqual({ severity, message: 'a row was written', ...fields });
});

test.each([
  [new Unauthentic('The signature is wrong.'), 'WARNING'],
  [new TooManyRequests('Too many unpaid orders.', new Date()), 'WARNING'],
  [new Unavailable('Stripe did not answer.'), 'WARNING'],
  [new Misconfigured('Configuration: PAYMENTS_MODE is missing'), 'ERROR'],
])('an error of ours speaks for itself: %s', (error, severity) => {
  const { name, message } = error;
  expect(failure(error)).toEqual({
    severity,
    message,
    error: name,
    function: 'stripe-getPaymentIntent',
    ...(severity === 'ERROR' && {
      next_step: expect.stringContaining('npm run doctor') as unknown,
    }),
  });
});

describe('the cause of an error of ours', () => {
  const causeOf = (cause: unknown) => {
    const line = failure(new Unavailable('Stripe did not answer.', { cause }));
    expect(JSON.stringify(line)).not.toContain(SECRET);
    return line['cause'];
  };

  test.each([
    ['a gRPC code', 14, 'TypeError 14'],
    ['a word', 'ECONNRESET', 'TypeError ECONNRESET'],
    ['a sentence', `bad key ${SECRET}`, 'TypeError'],
    ['an object', { key: SECRET }, 'TypeError'],
    ['too long', 'x'.repeat(65), 'TypeError'],
    ['none', undefined, 'TypeError'],
  ])('is its name, and its code: %s', (_name, code, expected) => {
    const error = Object.assign(new TypeError(SECRET), { code, headers: { key: SECRET } });
    expect(causeOf(error)).toBe(expected);
  });

  test('is left out where it is no error', () => {
    expect(causeOf(SECRET)).toBeUndefined();
    expect(causeOf({ message: SECRET, code: 7 })).toBeUndefined();
  });
});

describe('an unexpected error', () => {
  test('shows its frames, not its message', () => {
    const error = new RangeError(`no use for ${SECRET}`, { cause: new Error(SECRET) });
    const line = failure(Object.assign(error, { body: SECRET }));
    expect(line).toMatchObject({
      severity: 'ERROR',
      message: 'unexpected error',
      error: 'RangeError',
      function: 'stripe-getPaymentIntent',
    });
    expect(JSON.stringify(line)).not.toContain(SECRET);
    const frames = line['frames'] as string[];
    expect(frames[0]).toContain('log.test.ts');
    expect(frames.length).toBeLessThanOrEqual(12);
    for (const frame of frames) expect(frame).toMatch(/^at /);
  });

  // A library quotes what it was given, line breaks and all.
  test.each([
    ['of several lines', new Error(`first\n${SECRET}\n  last`)],
    ['with a line like a frame', new Error(`first\nat ${SECRET}`)],
  ])('does not show a message %s', (_name, error) => {
    const line = failure(error);
    expect(JSON.stringify(line)).not.toContain(SECRET);
    expect(line['frames']).not.toHaveLength(0);
  });

  test('without a stack has no frames', () => {
    const error = new Error(SECRET);
    delete error.stack;
    expect(failure(error)).toMatchObject({ error: 'Error', frames: [] });
  });

  test.each([
    ['string', SECRET],
    ['object', { SECRET }],
    ['undefined', undefined],
  ])('that is none but a %s shows no more than that', (kind, thrown) => {
    const line = failure(thrown);
    expect(line).toMatchObject({ message: 'unexpected error', error: kind, frames: [] });
    expect(JSON.stringify(line)).not.toContain(SECRET);
  });
});
