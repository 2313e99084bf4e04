import { crc32 } from 'node:zlib';
import type { PayPalEvent } from '../../../../functions/src/gateways/paypal/events.ts';
import type { Order } from '../../../../functions/src/orders/order.ts';
import { Unusable } from '../../../../functions/src/errors.ts';
import { fixture } from '../../../contract/gateway-contract.ts';
import { sameCrc32 } from '../../../standins/paypal/collision.ts';
import { signedHeaders } from '../../../standins/paypal/signing.ts';
import { open, order, signatory, useStandin, WEBHOOK_ID } from './bench.ts';

const paypal = useStandin();

const genuine = fixture('paypal', 'PAYMENT.CAPTURE.COMPLETED');

/** Passes a body off under the signature of the genuine one. */
async function passedOff(patch: (event: Record<string, unknown>) => void): Promise<{
  event: PayPalEvent;
  movements: () => Promise<unknown>;
}> {
  const body = sameCrc32(genuine, (letters) => {
    const event = JSON.parse(genuine.toString()) as Record<string, unknown>;
    patch(event);
    return JSON.stringify({ ...event, pad: letters });
  });
  expect(crc32(body)).toBe(crc32(genuine));
  expect(body).not.toBe(genuine.toString());
  const headers = signedHeaders(genuine, WEBHOOK_ID, signatory);
  const gateway = await open({ known: [order, other] });
  const event = await gateway.verify({ method: 'POST', headers, body: Buffer.from(body) });
  return { event, movements: () => gateway.movements(event) };
}

/** The forger's own, small order. */
const other: Order = { ...order, orderId: 'f'.repeat(32), uid: 'mallory', amountCents: 500 };

const rows = [
  {
    id: 'CAPTURE0000000001',
    kind: 'payment',
    uid: 'user1',
    amountCents: 1500,
    parentId: null,
    orderId: order.orderId,
    mode: 'test',
    occurredAt: expect.any(Date) as Date,
  },
];

describe('a body forged to the same CRC-32 under a genuine signature', () => {
  beforeEach(() => {
    paypal().control.createForeignPayment({ customId: order.orderId });
  });

  test('raises no amount and credits nobody else', async () => {
    const { movements } = await passedOff((event) => {
      event['resource'] = {
        ...(event['resource'] as object),
        amount: { currency_code: 'USD', value: '1000.00' },
        custom_id: other.orderId,
      };
    });
    expect(await movements()).toEqual(rows);
  });

  test('makes no money of a capture that does not exist', async () => {
    const { movements } = await passedOff((event) => {
      event['resource'] = { ...(event['resource'] as object), id: 'CAPTURE0000000099' };
    });
    await expect(movements()).rejects.toThrow(Unusable);
  });

  test('makes no money of a capture that was declined', async () => {
    const declined = paypal().control.createForeignPayment({
      customId: other.orderId,
      amount: { currency_code: 'USD', value: '5.00' },
      status: 'DECLINED',
    });
    const { movements } = await passedOff((event) => {
      event['resource'] = { ...(event['resource'] as object), id: declined.id };
    });
    const { orderId, uid } = other;
    expect(await movements()).toEqual([{ review: 'closed', orderId, uid }]);
  });

  test('takes no money back that PayPal did not', async () => {
    const reversal = await passedOff((event) => {
      event['event_type'] = 'PAYMENT.CAPTURE.REVERSED';
    });
    expect(reversal.event.subject).toBe('captureReversal');
    await expect(reversal.movements()).rejects.toThrow(Unusable);
    const refund = await passedOff((event) => {
      event['event_type'] = 'PAYMENT.CAPTURE.REFUNDED';
    });
    await expect(refund.movements()).rejects.toThrow(Unusable);
  });

  test('takes no refund back twice by calling it a reversal of the capture', async () => {
    paypal().control.refund('CAPTURE0000000001');
    const { movements } = await passedOff((event) => {
      event['event_type'] = 'PAYMENT.CAPTURE.REVERSED';
    });
    expect(await movements()).toMatchObject([{ kind: 'payment' }]);
  });
});
