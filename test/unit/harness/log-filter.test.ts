import { entryOf, readFilter } from '../../harness/log-filter.ts';

const entry = entryOf('{"severity":"ERROR","message":"a row is late","gateway":"stripe","n":7}');

test.each([
  ['severity>=WARNING', true],
  ['severity>=CRITICAL', false],
  ['jsonPayload.gateway="stripe"', true],
  ['jsonPayload.gateway="stripe" AND severity="INFO"', false],
  ['jsonPayload.message=~"^a row (is|was) late$"', true],
  ['jsonPayload.message:"row"', true],
  ['jsonPayload.next_step:*', false],
  ['NOT jsonPayload.next_step:* AND jsonPayload.n=7', true],
  // OR binds closer than AND here, unlike in most languages.
  ['severity="ERROR" OR severity="INFO" AND jsonPayload.gateway="paypal"', false],
  ['severity="ERROR" OR (severity="INFO" AND jsonPayload.gateway="paypal")', true],
  ['resource.type="cloud_run_revision"', true],
])('%s: %s', (filter, expected) => {
  expect(readFilter(filter)(entry)).toBe(expected);
});

test.each([
  'severity>=ERROR jsonPayload.a="b"',
  'jsonPayload.a!="b"',
  '(severity>=ERROR',
  'severity>=',
  'jsonPayload.n>=3',
])('%s is not known here', (filter) => {
  expect(() => readFilter(filter)(entry)).toThrow();
});

test('a line of a message alone is a text', () => {
  expect(entryOf('{"severity":"INFO","message":"up"}')).toMatchObject({ textPayload: 'up' });
});
