import { Misconfigured } from '../../../functions/src/errors.ts';
import { readIsEarlier } from '../../../functions/src/stores/earlier-backend.ts';

const isEarlier = (since: string | undefined, boughtAt: string | null) =>
  readIsEarlier({ STORE_PURCHASES_SINCE: since })(boughtAt === null ? null : new Date(boughtAt));

test.each([
  ['2026-01-31', '2026-01-30T23:59:59.999Z', true],
  ['2026-01-31', '2026-01-31T00:00:00.000Z', false],
  ['2026-01-31T12:00:00Z', '2026-01-31T11:59:59Z', true],
  ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00Z', false],
  ['2026-01-31', '2023-05-05T00:00:00Z', true],
  ['2026-01-31', null, false],
  [undefined, '1970-01-01T00:00:00Z', false],
  ['', '1970-01-01T00:00:00Z', false],
])('since %j, what was bought at %j belongs to an earlier backend: %s', (since, at, expected) => {
  expect(isEarlier(since, at)).toBe(expected);
});

test.each(['yesterday', '2026', '2026-13-01', '2026-02-30', '31.01.2026', '1769817600', 'true'])(
  'STORE_PURCHASES_SINCE=%s is refused by name',
  (since) => {
    const read = () => readIsEarlier({ STORE_PURCHASES_SINCE: since });
    expect(read).toThrow(Misconfigured);
    expect(read).toThrow(/^Configuration: STORE_PURCHASES_SINCE must be a date such as/);
  },
);
