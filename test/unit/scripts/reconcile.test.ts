import type { PrintedReport } from '../../../scripts/reconcile/books.ts';
import { toCsv, toTable } from '../../../scripts/reconcile/print.ts';
import { readSpan } from '../../../scripts/reconcile/span.ts';
import type { ReportLine } from '../../../functions/src/reconcile/report-lines.ts';
import type { Sums } from '../../../functions/src/reconcile/sums.ts';

const span = { since: new Date('2026-11-01T00:00:00Z'), until: new Date('2026-12-01T00:00:00Z') };

function line(given: Partial<ReportLine> = {}): ReportLine {
  return {
    gateway: 'till',
    difference: 'missing',
    movement: 'payment',
    paymentId: 'till_a',
    orderId: 'order1',
    gatewayCents: 1505,
    bookedCents: null,
    occurredAt: new Date('2026-11-02T03:04:05Z'),
    detail: 'at the gateway, and not booked',
    ...given,
  };
}

function sums(given: Partial<Sums> = {}): Sums {
  return {
    kind: 'payment',
    gatewayCount: 2,
    gatewayCents: 2505,
    bookedCount: 1,
    bookedCents: 1000,
    applied: 1,
    late: 0,
    duplicate: 0,
    confirmed: 0,
    undelivered: 0,
    ...given,
  };
}

function report(given: Partial<PrintedReport> = {}): PrintedReport {
  return { gateway: 'till', lines: [], sums: [], unlisted: [], listedSince: null, ...given };
}

describe('the span', () => {
  test.each([
    ['2026-11-01', '2026-11-02', '2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z'],
    [
      '2026-11-01T12:00Z',
      '2026-11-01T12:00:01Z',
      '2026-11-01T12:00:00.000Z',
      '2026-11-01T12:00:01.000Z',
    ],
    [
      '2026-11-01T00:00:00+02:00',
      '2026-11-01',
      '2026-10-31T22:00:00.000Z',
      '2026-11-01T00:00:00.000Z',
    ],
  ])('%s to %s', (from, to, since, until) => {
    expect(readSpan(from, to)).toEqual({ since: new Date(since), until: new Date(until) });
  });

  test.each([undefined, '', 'today', '2026-11', '11/01/2026', '2026-13-01', '2026-11-01T25:00Z'])(
    '%s is no date',
    (text) => {
      expect(readSpan(text, '2026-12-01')).toBe('--from is missing or is not a date.');
      expect(readSpan('2025-12-01', text)).toBe('--to is missing or is not a date.');
    },
  );

  test.each(['2026-02-29', '2026-02-30', '2026-11-31'])('%s is in no calendar', (text) => {
    expect(readSpan(text, '2026-12-01')).toBe('--from is missing or is not a date.');
  });

  test('a time without its zone would mean another moment on each machine', () => {
    expect(readSpan('2026-11-01T12:00:00', '2026-12-01')).toBe(
      '--from is missing or is not a date.',
    );
  });

  test('the end comes after the beginning', () => {
    expect(readSpan('2026-11-01', '2026-11-01')).toBe('--to must be after --from.');
    expect(readSpan('2026-11-02', '2026-11-01')).toBe('--to must be after --from.');
  });
});

describe('the CSV', () => {
  const linesOf = (...reports: PrintedReport[]) => toCsv(reports).split('\r\n').slice(1, -1);

  test('has a head, and each difference with its amounts in cents', () => {
    expect(toCsv([report({ lines: [line()] })])).toBe(
      'gateway,difference,movement,payment_id,order_id,gateway_cents,booked_cents,occurred_at,detail\r\n' +
        'till,missing,payment,till_a,order1,1505,,2026-11-02T03:04:05.000Z,"at the gateway, and not booked"\r\n',
    );
  });

  test('of no difference is the head alone', () => {
    expect(linesOf(report())).toEqual([]);
  });

  test('leaves out what is not known, and keeps a zero and a minus', () => {
    const nothing = { movement: null, orderId: null, occurredAt: null, detail: '' };
    const lines = [line({ ...nothing, gatewayCents: 0, bookedCents: -500 })];
    expect(linesOf(report({ lines }))).toEqual(['till,missing,,till_a,,0,-500,,']);
  });

  test.each([
    ['a, b', '"a, b"'],
    ['say "no"', '"say ""no"""'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['two\nlines', '"two\nlines"'],
    ['plain', 'plain'],
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@sum', "'@sum"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['a=1', 'a=1'],
  ])('writes the text %j as %j', (detail, cell) => {
    expect(toCsv([report({ lines: [line({ detail })] })])).toContain(`.000Z,${cell}\r\n`);
  });

  test('names a gateway that could not be compared, and no line of it', () => {
    const failed = report({ lines: [line()], failure: 'no answer' });
    expect(
      linesOf(failed, report({ gateway: 'shop', lines: [line({ gateway: 'shop' })] })),
    ).toEqual(['till,failed,,,,,,,no answer', expect.stringMatching(/^shop,missing,/)]);
  });
});

describe('the table', () => {
  const shown = (...reports: PrintedReport[]) =>
    toTable(reports, span)
      .split('\n')
      .map((one) => one.trim().replace(/ {2,}/g, ' | '));

  test('where all agrees', () => {
    expect(shown(report({ sums: [sums({ gatewayCount: 1, gatewayCents: 1000 })] }))).toEqual([
      'From 2026-11-01T00:00:00.000Z to before 2026-12-01T00:00:00.000Z',
      '',
      'Gateway | Kind | At the gateway | Booked | Delivered',
      'till | payment | 1 | 10.00 | 1 | 10.00 | 1',
      '',
      'No differences.',
    ]);
  });

  test('rows that were there already, late ones and waiting ones are counted', () => {
    const one = sums({
      bookedCount: 9,
      applied: 3,
      late: 2,
      duplicate: 1,
      confirmed: 1,
      undelivered: 4,
    });
    expect(shown(report({ sums: [one] }))).toContain(
      'till | payment | 2 | 25.05 | 9 | 10.00 | 5 | 1 were there already, 2 on a later try, 4 not delivered',
    );
  });

  test('differences are counted and listed; an amount that is not there or no number is a dash', () => {
    const lines = [
      line(),
      line({ difference: 'amount', bookedCents: Number.NaN, occurredAt: null }),
    ];
    const printed = shown(report({ lines }));
    expect(printed).toContain('2 differences');
    expect(printed.slice(-2)).toEqual([
      'missing | till_a | 15.05 | – | 2026-11-02T03:04 | at the gateway, and not booked',
      'amount | till_a | 15.05 | – | at the gateway, and not booked',
    ]);
    expect(shown(report({ lines: [line()] }))).toContain('1 difference');
  });

  test('says what a gateway does not list, and why one could not be compared', () => {
    const printed = shown(
      report({ unlisted: ['refund', 'dispute'] }),
      report({ gateway: 'shop', unlisted: ['refund'], failure: 'no answer' }),
    );
    expect(printed).toContain('till lists no refund, dispute.');
    expect(printed).toContain('shop could not be compared: no answer');
    expect(printed.join()).not.toContain('shop lists');
  });
});
