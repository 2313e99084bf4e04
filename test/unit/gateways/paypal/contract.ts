import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import { contractOf } from '../../../contract/gateway-contract.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import {
  createSignatory,
  signedHeaders,
  type Signatory,
} from '../../../standins/paypal/signing.ts';
import { CLIENT_SECRET, open, order, signatory, useStandin, WEBHOOK_ID } from './bench.ts';
import type { Movement } from '../../../../functions/src/movement.ts';

const paypal = useStandin();

type Row = Omit<Movement, 'occurredAt'>;

const common = { uid: 'user1', orderId: order.orderId, mode: 'test' } as const;

const held = { orderId: common.orderId, uid: common.uid };

const payment: Row = {
  ...common,
  id: 'CAPTURE0000000001',
  kind: 'payment',
  amountCents: 1500,
  parentId: null,
};

function correction(kind: Movement['kind'], id: string, amountCents: number): Row {
  return { ...common, id, kind, amountCents, parentId: payment.id };
}

function paid(status?: string): string {
  const customId = order.orderId;
  return paypal().control.createForeignPayment({ customId, ...(status && { status }) }).id;
}

function signed(body: Buffer, by: Pick<Signatory, 'leaf' | 'certificateUrl'> = signatory) {
  const request: WebhookRequest = {
    method: 'POST',
    headers: signedHeaders(body, WEBHOOK_ID, by),
    body,
  };
  return request;
}

export const contract = contractOf({
  name: 'paypal',
  open: () => open(),
  openWithoutSecret: () => {
    setEnvironment({ PAYPAL_WEBHOOK_ID: '' });
    return open();
  },
  signer: {
    genuine: (body) => signed(body),
    missing: (body) => ({ method: 'POST', headers: {}, body }),
    truncated: (body) => {
      const { headers } = signed(body);
      const signature = String(headers['paypal-transmission-sig']).slice(0, -4);
      return {
        method: 'POST',
        headers: { ...headers, 'paypal-transmission-sig': signature },
        body,
      };
    },
    foreign: (body) => {
      const { certificateUrl } = signatory;
      return signed(body, { leaf: createSignatory().leaf, certificateUrl });
    },
    stale: () => ({
      notApplicable: 'PayPal repeats for three days, and what moved is read anew each time',
    }),
  },
  api: { variable: 'PAYPAL_API_URL', notOurs: ['payee', 'payee.merchant_id', 'custom_id'] },
  early: {
    fixture: 'PAYMENT.CAPTURE.COMPLETED',
    arrange: () => void paid('PENDING'),
    catchUp: () => {
      paypal().control.edit(payment.id, { status: 'COMPLETED' });
    },
    movements: [payment],
  },
  secrets: [CLIENT_SECRET, 'token-standin'],
  unknown: 'VAULT.PAYMENT-TOKEN.CREATED',
  cases: [
    { fixture: 'PAYMENT.CAPTURE.COMPLETED', arrange: () => void paid(), movements: [payment] },
    {
      fixture: 'PAYMENT.CAPTURE.COMPLETED',
      when: 'refunded since',
      arrange: () => {
        paypal().control.refund(paid());
      },
      movements: [payment],
    },
    {
      fixture: 'PAYMENT.CAPTURE.COMPLETED',
      when: 'of a payment that is not ours',
      arrange: () => {
        paypal().control.createForeignPayment({ customId: 'basket-7' });
      },
      movements: [],
    },
    {
      fixture: 'PAYMENT.CAPTURE.COMPLETED',
      when: 'of a payment that names nothing',
      arrange: () => {
        paypal().control.createForeignPayment();
      },
      movements: [],
    },
    {
      fixture: 'PAYMENT.CAPTURE.COMPLETED',
      when: 'that the API calls declined',
      arrange: () => void paid('DECLINED'),
      movements: [{ ...held, review: 'closed' }],
    },
    {
      fixture: 'PAYMENT.CAPTURE.PENDING',
      arrange: () => void paid('PENDING'),
      movements: [{ ...held, review: 'opened' }],
    },
    {
      fixture: 'PAYMENT.CAPTURE.PENDING',
      when: 'released since',
      arrange: () => void paid(),
      movements: [],
    },
    {
      fixture: 'PAYMENT.CAPTURE.PENDING',
      when: 'of a payment that is not ours',
      arrange: () => {
        paypal().control.createForeignPayment({ customId: 'basket-7', status: 'PENDING' });
      },
      movements: [],
    },
    {
      fixture: 'PAYMENT.CAPTURE.DECLINED',
      arrange: () => void paid('DECLINED'),
      movements: [{ ...held, review: 'closed' }],
    },
    {
      fixture: 'PAYMENT.CAPTURE.DENIED',
      arrange: () => void paid('DECLINED'),
      movements: [{ ...held, review: 'closed' }],
    },
    {
      fixture: 'PAYMENT.CAPTURE.REFUNDED',
      when: 'in part, for the second time',
      arrange: () => {
        const id = paid();
        paypal().control.refund(id, 400);
        paypal().control.refund(id, 500);
      },
      movements: [payment, correction('refund', 'REFUND00000000001', -400)],
    },
    {
      fixture: 'PAYMENT.CAPTURE.REFUNDED',
      when: 'on its way',
      arrange: () => {
        paypal().control.refund(paid(), undefined, { status: 'PENDING' });
      },
      movements: [payment, correction('refund', 'REFUND00000000001', -1500)],
    },
    {
      fixture: 'PAYMENT.CAPTURE.REFUNDED',
      when: 'and failed',
      arrange: () => {
        paypal().control.failRefund(paypal().control.refund(paid(), 400).id);
      },
      movements: [
        payment,
        {
          ...correction('refund_failed', 'REFUND00000000001-failed', 400),
          parentId: 'REFUND00000000001',
        },
      ],
    },
    {
      fixture: 'PAYMENT.CAPTURE.REFUNDED',
      when: 'of a payment that is not ours',
      arrange: () => {
        paypal().control.refund(paypal().control.createForeignPayment().id);
      },
      movements: [],
    },
    {
      fixture: 'PAYMENT.CAPTURE.REVERSED',
      arrange: () => {
        paypal().control.reverse(paid(), 600);
      },
      movements: [payment, correction('dispute', 'REFUND00000000001', -600)],
    },
    {
      fixture: 'PAYMENT.CAPTURE.REVERSED.capture',
      when: 'told as the capture, after a refund of 4.00',
      arrange: () => {
        const id = paid();
        paypal().control.refund(id, 400);
        paypal().control.reverseCapture(id);
      },
      movements: [payment, correction('dispute', 'CAPTURE0000000001-reversed', -1100)],
    },
    { fixture: 'CHECKOUT.ORDER.APPROVED', movements: [] },
    { fixture: 'CUSTOMER.DISPUTE.CREATED', movements: [] },
    { fixture: 'CUSTOMER.DISPUTE.RESOLVED', movements: [] },
    { fixture: 'PAYMENT.SALE.REFUNDED', movements: [] },
  ],
});
