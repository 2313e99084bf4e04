import { contractOf } from '../../../contract/gateway-contract.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { configure, form, notification, open, PAYMENT, request, SECRET } from './bench.ts';

beforeEach(configure);

function fieldsOf(body: Buffer): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body.toString().trim()));
}

export const contract = contractOf({
  name: 'payeer',
  open,
  openWithoutSecret: () => {
    setEnvironment({ PAYEER_SECRET_KEY: '' });
    return open();
  },
  signer: {
    genuine: (body) => notification(fieldsOf(body)),
    missing: (body) => request(form(fieldsOf(body))),
    truncated: (body) => {
      const signed = notification(fieldsOf(body)).body.toString();
      return request(signed.replace(/(m_sign=\w{63})\w/, '$1'));
    },
    foreign: (body) => notification(fieldsOf(body), 'the key of somebody else'),
    stale: () => ({ notApplicable: 'a repetition has the same operation and moves nothing' }),
  },
  partlySigned: 'Payeer adds fields that it does not sign',
  notOurs: ['m_shop', 'm_orderid'],
  api: { notApplicable: 'Payeer is asked nothing' },
  early: { notApplicable: 'Payeer is asked nothing' },
  secrets: [SECRET],
  unknown: 'other_shop',
  cases: [
    { fixture: 'success', movements: [PAYMENT] },
    { fixture: 'success_with_params', movements: [PAYMENT] },
    { fixture: 'fail', movements: [] },
  ],
});
