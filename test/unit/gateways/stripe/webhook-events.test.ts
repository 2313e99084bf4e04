import { readFileSync } from 'node:fs';
import { moneyTypes, toEvent } from '../../../../functions/src/gateways/stripe/events';
import { webhookEvents } from '../../../../functions/src/gateways/stripe/webhook-events';

const readme = readFileSync('functions/src/gateways/stripe/README.md', 'utf8');

function subjectOf(type: string): string {
  const event = { id: 'evt_1', object: 'event', type, livemode: false, data: { object: {} } };
  return toEvent(event).subject;
}

test('every event that the destination sends is read', () => {
  expect(webhookEvents.filter((type) => subjectOf(type) === 'nothing')).toEqual([]);
});

test('no event that moves money is left out, but for the older name of one', () => {
  const leftOut = moneyTypes.filter((type) => !webhookEvents.includes(type));
  expect(leftOut).toEqual(['charge.refund.updated']);
});

test('the README tells the same events', () => {
  const rows = readme.split('\n').filter((line) => /^ {3}\| `/.test(line));
  const told = rows.flatMap((row) => row.split('|')[1]?.match(/[a-z_]+(\.[a-z_]+)+/g) ?? []);
  expect(told.sort()).toEqual([...webhookEvents].sort());
});
