import { contractOf } from '../../../contract/gateway-contract.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import type { AnypayStandin } from '../../../standins/anypay/server.ts';
import type { Status } from '../../../standins/anypay/ledger.ts';
import {
  API_KEY,
  form,
  notice,
  open,
  ORDER,
  PAYMENT,
  request,
  SECRET,
  startStandin,
  type SignType,
} from './bench.ts';
import type { Movement } from '../../../../functions/src/movement.ts';

const refund: Omit<Movement, 'occurredAt'> = {
  ...PAYMENT,
  id: '73000001_refund',
  kind: 'refund',
  amountCents: -2500,
  parentId: '73000001',
};

/** What makes an entry of the API's list one of our order. */
const ENTRY = [
  'result',
  'result.payments',
  'result.payments.73000001',
  'result.payments.73000001.pay_id',
];

/** Starts and stops the stand-in for the tests of the suite that calls it. */
export function contractFor(signType: SignType) {
  let anypay: AnypayStandin;

  beforeEach(async () => {
    anypay = await startStandin(signType);
  });

  afterEach(() => anypay.stop());

  function become(...statuses: readonly Status[]): void {
    anypay.control.createForeignPayment(ORDER, 25, 'USD', '73000001');
    for (const status of statuses) {
      if (status === 'paid') anypay.control.pay(ORDER);
      else anypay.control.become(ORDER, status);
    }
  }

  function fieldsOf(body: Buffer): Record<string, string> {
    return Object.fromEntries(new URLSearchParams(body.toString().trim()));
  }

  return contractOf({
    name: 'anypay',
    open: () => open(),
    openWithoutSecret: () => {
      setEnvironment({ ANYPAY_SECRET_KEY: '' });
      return open();
    },
    signer: {
      genuine: (body) => notice(signType, fieldsOf(body)),
      missing: (body) => request(form(fieldsOf(body))),
      truncated: (body) => {
        const signed = notice(signType, fieldsOf(body)).body.toString();
        return request(signed.replace(/(sign=\w+)\w/, '$1'));
      },
      foreign: (body) => notice(signType, fieldsOf(body), 'the key of somebody else'),
      stale: () => ({ notApplicable: 'a repetition asks the API the same and moves nothing' }),
    },
    partlySigned: 'a few fields are signed, and the API says what happened',
    api: { variable: 'ANYPAY_API_URL', notOurs: ENTRY, envelope: ENTRY },
    early: {
      fixture: 'paid',
      arrange: () => {
        become();
      },
      catchUp: () => {
        anypay.control.pay(ORDER);
      },
      movements: [PAYMENT],
    },
    secrets: [SECRET, API_KEY],
    unknown: 'expired',
    cases: [
      {
        fixture: 'paid',
        arrange: () => {
          become('paid');
        },
        movements: [PAYMENT],
      },
      {
        fixture: 'waiting',
        arrange: () => {
          become('waiting');
        },
        movements: [],
      },
      {
        fixture: 'waiting',
        when: 'and paid in the meantime',
        arrange: () => {
          become('paid');
        },
        movements: [PAYMENT],
      },
      {
        fixture: 'canceled',
        arrange: () => {
          become('canceled');
        },
        movements: [],
      },
      {
        fixture: 'refund',
        arrange: () => {
          become('paid', 'refund');
        },
        movements: [PAYMENT, refund],
      },
      {
        fixture: 'paid',
        when: 'and refunded in the meantime',
        arrange: () => {
          become('paid', 'refund');
        },
        movements: [PAYMENT, refund],
      },
    ],
  });
}
