import { readFileSync } from 'node:fs';
import { toEvent } from '../../../../functions/src/gateways/paypal/events';
import { webhookEvents } from '../../../../functions/src/gateways/paypal/webhook-events';

const code = readFileSync('functions/src/gateways/paypal/events.ts', 'utf8');

test('every event that the webhook sends is read', () => {
  const subjects = webhookEvents.map(
    (type) => toEvent({ id: 'WH-1', event_type: type, resource: {} })?.subject,
  );
  expect(subjects).not.toContain('nothing');
  expect(subjects).not.toContain(undefined);
});

test('no event that is read is left out, but for those of an older API', () => {
  const read = [...code.matchAll(/^ {2}\['([A-Z.]+)', /gm)].map(([, type = '']) => type);
  const leftOut = read.filter((type) => !webhookEvents.includes(type));
  expect(leftOut.every((type) => type.startsWith('PAYMENT.SALE.'))).toBe(true);
  expect(read).toHaveLength(webhookEvents.length + leftOut.length);
});
