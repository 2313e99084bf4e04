import { readQuestion } from '../../../functions/src/staff/question.ts';

test('an amount and a day are a span that has the day of any time zone', () => {
  expect(readQuestion('12.50 2026-11-29')).toEqual({
    as: 'amount',
    cents: 1250,
    since: new Date('2026-11-28T10:00:00Z'),
    until: new Date('2026-11-30T12:00:00Z'),
  });
});

test.each([
  ['12 2026-11-29', 1200],
  ['$12.5  2026-11-29', 1250],
  [' 0.05 2026-11-29 ', 5],
])('%j is an amount of %d cents', (text, cents) => {
  expect(readQuestion(text)).toMatchObject({ as: 'amount', cents });
});

test.each(['ann@example.com', ' ann+pay@sub.example.com '])('%j is an e-mail address', (text) => {
  expect(readQuestion(text)).toEqual({ as: 'email', email: text.trim() });
});

test.each([
  'pi_3Abc',
  'stripe_pi_3Abc',
  '12,50 2026-11-29',
  '12.505 2026-11-29',
  '-12.50 2026-11-29',
  '12.50 2026-13-29',
  '12.50 2026-11-31',
  // Firestore has no time before the year 1 or after the year 9999.
  '12.50 0000-01-01',
  '12.50 0001-01-01',
  '12.50 9999-12-31',
  '12.50',
  '2026-11-29',
  'ann @example.com',
  '@',
])('%j is looked for as an id', (text) => {
  expect(readQuestion(text)).toEqual({ as: 'id', id: text });
});
