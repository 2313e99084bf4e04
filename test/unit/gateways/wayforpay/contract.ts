import { contractOf } from '../../../contract/gateway-contract.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import type { WayforpayStandin } from '../../../standins/wayforpay/server.ts';
import type { Report } from '../../../standins/wayforpay/signature.ts';
import { callback, open, ORDER, request, SECRET, startStandin } from './bench.ts';
import type { Movement } from '../../../../functions/src/movement.ts';

let wayforpay: WayforpayStandin;

beforeEach(async () => {
  wayforpay = await startStandin();
});

afterEach(() => wayforpay.stop());

function paid(amountCents = 1250): void {
  wayforpay.control.createForeignOrder(ORDER, amountCents);
  wayforpay.control.pay(ORDER);
}

function refunded(...amounts: readonly number[]): void {
  paid();
  for (const cents of amounts) wayforpay.control.refund(ORDER, cents);
}

const payment: Omit<Movement, 'occurredAt'> = {
  id: ORDER,
  kind: 'payment',
  uid: 'user1',
  amountCents: 1250,
  parentId: null,
  orderId: ORDER,
  mode: 'test',
};

function refund(totalCents: number): Omit<Movement, 'occurredAt'> {
  const id = `${ORDER}_refund_${totalCents}`;
  const amountCents = -totalCents;
  return { ...payment, id, kind: 'refund', amountCents, parentId: ORDER, isTotal: true };
}

function reportIn(body: Buffer): Report {
  return JSON.parse(body.toString()) as Report;
}

export const contract = contractOf({
  name: 'wayforpay',
  open: () => open(),
  openWithoutSecret: () => {
    setEnvironment({ WAYFORPAY_SECRET_KEY: '' });
    return open();
  },
  signer: {
    genuine: (body) => callback(reportIn(body)),
    missing: (body) => request(body),
    truncated: (body) => {
      const signed = callback(reportIn(body)).body.toString();
      return request(signed.replace(/("merchantSignature":"\w{31})\w/, '$1'));
    },
    foreign: (body) => callback(reportIn(body), 'the key of somebody else'),
    stale: () => ({ notApplicable: 'the signature holds no time; a repetition moves nothing' }),
  },
  partlySigned: 'eight fields are signed, not the body',
  notOurs: ['orderReference'],
  api: {
    variable: 'WAYFORPAY_API_URL',
    notOurs: [],
    checked: 'the reply is signed',
  },
  early: {
    fixture: 'Refunded',
    arrange: () => {
      paid();
    },
    catchUp: () => {
      wayforpay.control.refund(ORDER, 500);
    },
    movements: [refund(500)],
  },
  secrets: [SECRET],
  unknown: 'InProcessing',
  cases: [
    { fixture: 'Approved', movements: [payment] },
    { fixture: 'Declined', movements: [] },
    { fixture: 'WaitingAuthComplete', movements: [] },
    { fixture: 'RefundInProcessing', movements: [] },
    {
      fixture: 'Refunded',
      when: 'in whole',
      arrange: () => {
        refunded(1250);
      },
      movements: [refund(1250)],
    },
    {
      fixture: 'Refunded',
      when: 'in part',
      arrange: () => {
        refunded(500);
      },
      movements: [refund(500)],
    },
    {
      fixture: 'Refunded',
      when: 'in two parts, the first of which was not told',
      arrange: () => {
        refunded(500, 300);
      },
      movements: [refund(800)],
    },
    {
      fixture: 'Refunded',
      when: 'and the status does not say how much',
      arrange: () => {
        refunded(1250);
        wayforpay.control.hideRefunds(true);
      },
      movements: [refund(1250)],
    },
    {
      fixture: 'Voided',
      arrange: () => {
        paid();
        wayforpay.control.become(ORDER, 'Voided');
      },
      movements: [refund(1250)],
    },
  ],
});
