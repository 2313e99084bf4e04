import { baseUrl, readSettings } from '../../../functions/src/config/settings.ts';
import { Misconfigured } from '../../../functions/src/errors.ts';

const inTest = { PAYMENTS_MODE: 'test' };

test('what is not given is as documented', () => {
  expect(readSettings(inTest)).toEqual({
    mode: 'test',
    allowedOrigins: [],
    topUpCents: { min: 500, max: 100_000 },
    refundSupportMaxCents: 5_000,
    openOrdersPerHour: 20,
    callsPerMinute: 300,
    pushBudgetMs: 3_000,
  });
});

test('what is given is taken', () => {
  expect(
    readSettings({
      PAYMENTS_MODE: 'live',
      APP_ALLOWED_ORIGINS: 'https://a.example.com, https://b.example.com',
      TOPUP_MIN_CENTS: '100',
      TOPUP_MAX_CENTS: '200',
      OPEN_ORDERS_PER_HOUR: '1',
      CALLS_PER_MINUTE: '2',
      PUSH_BUDGET_MS: '100',
    }),
  ).toEqual({
    mode: 'live',
    allowedOrigins: ['https://a.example.com', 'https://b.example.com'],
    topUpCents: { min: 100, max: 200 },
    refundSupportMaxCents: 5_000,
    openOrdersPerHour: 1,
    callsPerMinute: 2,
    pushBudgetMs: 100,
  });
});

test.each([undefined, '', 'LIVE', 'Test', ' live', 'production', 'true'])(
  'PAYMENTS_MODE has no default and is exactly live or test, not %j',
  (mode) => {
    const read = () => readSettings({ PAYMENTS_MODE: mode });
    expect(read).toThrow(new Misconfigured('Configuration: PAYMENTS_MODE must be live or test'));
  },
);

test.each([
  ['TOPUP_MIN_CENTS', '0'],
  ['TOPUP_MAX_CENTS', '100000000'],
  ['TOPUP_MAX_CENTS', '1000.00'],
  ['OPEN_ORDERS_PER_HOUR', '0'],
  ['OPEN_ORDERS_PER_HOUR', '-1'],
  ['OPEN_ORDERS_PER_HOUR', 'unlimited'],
  ['CALLS_PER_MINUTE', '0'],
  ['PUSH_BUDGET_MS', '99'],
  ['PUSH_BUDGET_MS', '20001'],
])('%s=%s is refused by name', (name, value) => {
  const read = () => readSettings({ ...inTest, [name]: value });
  expect(read).toThrow(Misconfigured);
  expect(read).toThrow(
    new RegExp(`^Configuration: ${name} must be a whole number from \\d+ to \\d+$`),
  );
});

test.each([
  'https://app.example.com/',
  'https://app.example.com/paid',
  'https://app.example.com?x',
  'https://APP.example.com',
  'https://app.example.com:443',
  'https://user@app.example.com',
  'app.example.com',
  '//app.example.com',
  'http:app.example.com',
  'ftp://app.example.com',
  'myapp://paid',
  'blob:https://app.example.com',
  'https://*.example.com',
  '*',
  'null',
])('an origin is written as a browser writes it, not %j', (origin) => {
  const read = () =>
    readSettings({ ...inTest, APP_ALLOWED_ORIGINS: `https://a.example.com,${origin}` });
  expect(read).toThrow(
    new Misconfigured(
      'Configuration: APP_ALLOWED_ORIGINS must be origins, such as https://app.example.com',
    ),
  );
});

test('an origin may have a port, an IP address or other letters', () => {
  const given = ['http://localhost:3000', 'http://127.0.0.1:5173', 'https://xn--mnchen-3ya.de'];
  const { allowedOrigins } = readSettings({ ...inTest, APP_ALLOWED_ORIGINS: given.join(',') });
  expect(allowedOrigins).toEqual(given);
});

describe('a base address', () => {
  const official = { live: 'https://api.example.com/v1', test: 'https://api.example.com/test/v1' };
  const read = (given: string | undefined, mode: 'live' | 'test', addresses = official) =>
    baseUrl('THE_URL', given, mode, addresses);

  test.each(['live', 'test'] as const)("is the mode's own unless told otherwise: %s", (mode) => {
    expect(read(undefined, mode)).toBe(official[mode]);
    expect(read(official[mode], mode)).toBe(official[mode]);
  });

  test('may be any other in test mode', () => {
    expect(read('http://127.0.0.1:9200/api/v1//', 'test')).toBe('http://127.0.0.1:9200/api/v1');
  });

  test.each([official.test, 'https://evil.example.com', 'http://api.example.com/v1'])(
    'is not to be overridden in live mode: %s',
    (given) => {
      const override = () => read(given, 'live');
      expect(override).toThrow(
        new Misconfigured('Configuration: THE_URL must not be overridden in live mode'),
      );
    },
  );

  // Test money never credits a live deployment, however its address is spelt.
  test.each([
    official.live,
    'HTTPS://API.example.com/v1',
    'https://api.example.com:443/v1',
    'https://api.example.com/test/../v1',
  ])('is not the live one in test mode: %s', (given) => {
    const live = () => read(given, 'test');
    expect(live).toThrow(
      new Misconfigured('Configuration: THE_URL is the live address in test mode'),
    );
  });

  test('that is one for both modes is fine in both', () => {
    const same = { live: official.live, test: official.live };
    for (const mode of ['live', 'test'] as const) {
      expect(read(official.live, mode, same)).toBe(official.live);
    }
  });
});
