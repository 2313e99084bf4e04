import { Misconfigured } from '../../../functions/src/errors.ts';
import { readRetailConfig } from '../../../functions/src/retail/config.ts';

const LIVE = 'https://temp-number-api.com/api/v1';
const TEST = 'https://temp-number-api.com/test/api/v1';
const KEY = 'canary-of-a-key';

const inTest = { PAYMENTS_MODE: 'test', PLATFONE_API_KEY: KEY };
const inLive = { PAYMENTS_MODE: 'live', PLATFONE_API_KEY: KEY };

test('what is not given is as documented', () => {
  const rest = {
    apiKey: KEY,
    timeoutMs: 10_000,
    sendGateway: true,
    balanceCacheMs: 3_000,
    callsPerSecond: 5,
    concurrency: 32,
  };
  expect(readRetailConfig(inLive)).toEqual({ ...rest, mode: 'live', url: LIVE });
  expect(readRetailConfig(inTest)).toEqual({ ...rest, mode: 'test', url: TEST });
});

test('what is given is taken', () => {
  expect(
    readRetailConfig({
      ...inTest,
      PLATFONE_API_URL: 'http://127.0.0.1:9200/api/v1',
      PLATFONE_TIMEOUT_MS: '100',
      PLATFONE_SEND_GATEWAY: 'false',
      PLATFONE_CONCURRENCY: '1',
      PLATFONE_CALLS_PER_SECOND: '7',
      PLATFONE_BALANCE_CACHE_MS: '9',
    }),
  ).toEqual({
    apiKey: KEY,
    mode: 'test',
    balanceCacheMs: 9,
    callsPerSecond: 7,
    url: 'http://127.0.0.1:9200/api/v1',
    timeoutMs: 100,
    sendGateway: false,
    concurrency: 1,
  });
});

test.each(['', '/', '/retail', '/retail/'])('the base address may end in %j', (ending) => {
  const given = { PLATFONE_API_URL: `${LIVE}${ending}` };
  expect(readRetailConfig({ ...inLive, ...given }).url).toBe(LIVE);
  expect(() => readRetailConfig({ ...inTest, ...given })).toThrow(
    new Misconfigured('Configuration: PLATFONE_API_URL is the live address in test mode'),
  );
});

test.each([TEST, 'http://127.0.0.1:9200/api/v1', 'http://temp-number-api.com/api/v1'])(
  'live money goes nowhere but to the live address: %s is refused',
  (url) => {
    expect(() => readRetailConfig({ ...inLive, PLATFONE_API_URL: url })).toThrow(
      new Misconfigured('Configuration: PLATFONE_API_URL must not be overridden in live mode'),
    );
  },
);

test.each([
  ['PLATFONE_API_KEY', undefined, 'is missing'],
  // A secret that is not bound.
  ['PLATFONE_API_KEY', '', 'is missing'],
  ['PLATFONE_API_KEY', '\n', 'is missing'],
  ['PAYMENTS_MODE', undefined, 'must be live or test'],
  ['PLATFONE_API_URL', 'temp-number-api.com', 'must be an http(s) address'],
  ['PLATFONE_TIMEOUT_MS', '10s', 'must be a whole number from 100 to 60000'],
  ['PLATFONE_SEND_GATEWAY', 'no', 'must be true or false'],
  ['PLATFONE_CONCURRENCY', '0', 'must be a whole number from 1 to 500'],
])('%s=%j: %s', (name, value, fault) => {
  expect(() => readRetailConfig({ ...inTest, [name]: value })).toThrow(
    new Misconfigured(`Configuration: ${name} ${fault}`),
  );
});
