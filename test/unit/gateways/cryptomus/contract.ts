import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import { contractOf } from '../../../contract/gateway-contract.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { signedBody } from '../../../standins/cryptomus/signature.ts';
import { Bench, KEY, order, UUID } from './bench.ts';
import type { Movement } from '../../../../functions/src/movement.ts';

const bench = new Bench();

type Row = Omit<Movement, 'occurredAt'>;

const common = { uid: 'user1', orderId: 'order1', mode: 'test' } as const;

const payment: Row = {
  ...common,
  id: UUID,
  kind: 'payment',
  amountCents: 1250,
  isTotal: true,
  parentId: null,
};

function refund(amountCents: number): Row {
  return {
    ...common,
    id: `${UUID}-refund`,
    kind: 'refund',
    amountCents,
    parentId: UUID,
    isTotal: true,
  };
}

function request(body: string): WebhookRequest {
  return { method: 'POST', headers: {}, body: Buffer.from(body) };
}

function signed(body: Buffer, key = KEY): WebhookRequest {
  return request(signedBody(JSON.parse(body.toString()) as object, key));
}

export const contract = contractOf({
  name: 'cryptomus',
  open: () => bench.open(),
  openWithoutSecret: () => {
    setEnvironment({ CRYPTOMUS_PAYMENT_KEY: '' });
    return bench.open();
  },
  signer: {
    genuine: signed,
    missing: (body) => request(body.toString()),
    truncated: (body) => request(signed(body).body.toString().replace(/."\}$/, '"}')),
    foreign: (body) => signed(body, 'cryptomus-payout-key-standin'),
    stale: () => ({ notApplicable: 'a notification carries no time' }),
  },
  api: { variable: 'CRYPTOMUS_API_URL', notOurs: [], envelope: ['state', 'result'] },
  early: {
    fixture: 'payment.paid',
    arrange: () => {
      bench.invoiceIs('confirm_check');
    },
    catchUp: () => {
      bench.invoiceIs('paid');
    },
    movements: [payment],
  },
  secrets: [KEY],
  unknown: 'payment.frozen',
  cases: [
    {
      fixture: 'payment.paid',
      arrange: () => {
        bench.invoiceIs('paid');
      },
      movements: [payment],
    },
    {
      fixture: 'payment.paid',
      when: 'paid back in the meantime',
      arrange: () => {
        bench.invoiceIs('refund_paid');
      },
      movements: [payment, refund(-1250)],
    },
    {
      fixture: 'payment.paid_over',
      arrange: () => {
        bench.invoiceIs('paid_over');
      },
      movements: [{ ...payment, amountCents: 2014 }],
    },
    {
      fixture: 'payment.wrong_amount',
      arrange: () => {
        bench.invoiceIs('wrong_amount');
      },
      movements: [{ ...payment, amountCents: 725 }],
    },
    {
      fixture: 'payment.refund_paid',
      arrange: () => {
        bench.invoiceIs('refund_paid');
        bench.book({ ...payment, amountCents: 2014, occurredAt: order.createdAt });
      },
      movements: [refund(-2014)],
    },
    { fixture: 'payment.confirm_check', movements: [] },
    { fixture: 'payment.cancel', movements: [] },
    { fixture: 'payment.refund_process', movements: [] },
    { fixture: 'payment.refund_fail', movements: [] },
    { fixture: 'wallet.paid', movements: [] },
    { fixture: 'payout.paid', movements: [] },
  ],
});
