import { openGateway } from '../../../../functions/src/gateways/appstore/gateway.ts';
import type { ReceiptBook } from '../../../../functions/src/stores/receipts.ts';
import { accountToken } from '../../../../functions/src/stores/account-token.ts';
import { contractOf } from '../../../contract/gateway-contract.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { memoryReceipts, memoryUnclaimed } from '../../../harness/receipts.ts';
import { newAuthority } from '../../../standins/appstore/authority.ts';
import { posted, requestOf, signedPayload, variables, type Plain } from './bench.ts';
import type { Movement } from '../../../../functions/src/movement.ts';

let receipts: ReceiptBook;

beforeEach(() => {
  receipts = memoryReceipts();
  setEnvironment(variables);
});

const RECEIPT = 'sandbox-410000000000017';

type Row = Omit<Movement, 'occurredAt'>;

const common = { uid: 'user1', orderId: null, mode: 'test' } as const;

const payment: Row = {
  ...common,
  id: RECEIPT,
  kind: 'payment',
  amountCents: 1000,
  parentId: null,
};

const refund: Row = {
  ...common,
  id: `${RECEIPT}-refund-1`,
  kind: 'refund',
  amountCents: -500,
  parentId: RECEIPT,
};

/** The purchase of the fixtures, credited to user1. */
async function credited(): Promise<void> {
  await receipts.credit(RECEIPT, {
    owner: { uid: 'user1', accountToken: accountToken('user1') },
    productId: 'credits_500',
    quantity: 2,
    movementId: RECEIPT,
    amountCents: 1000,
    mode: 'test',
    occurredAt: new Date(),
  });
}

const parse = (body: Buffer): Plain => JSON.parse(body.toString()) as Plain;

export const contract = contractOf({
  name: 'appstore',
  open: () => openGateway({ receipts, unclaimed: memoryUnclaimed() }),
  openWithoutSecret: () => {
    setEnvironment({ APPSTORE_BUNDLE_ID: '' });
    return openGateway({ receipts, unclaimed: memoryUnclaimed() });
  },
  signer: {
    genuine: (body) => posted(parse(body)),
    missing: (body) => requestOf(parse(body)),
    truncated: (body) => requestOf({ signedPayload: signedPayload(parse(body)).slice(0, -1) }),
    foreign: (body) => posted(parse(body), newAuthority()),
    stale: () => ({
      notApplicable: 'Apple sends a notification for days, and shows it again for 180',
    }),
  },
  api: { notApplicable: 'the notification carries the purchase' },
  early: { notApplicable: 'the notification carries the purchase' },
  secrets: [accountToken('user1')],
  addressedBy: ['data', 'data.bundleId', 'data.environment'],
  optional: ['data.signedTransactionInfo.revocationPercentage'],
  unknown: 'PRICE_CHANGE',
  cases: [
    {
      fixture: 'ONE_TIME_CHARGE',
      when: 'its buyer known from before',
      arrange: async () => {
        await receipts.claim('another', {
          uid: 'user1',
          accountToken: accountToken('user1'),
        });
      },
      movements: [payment],
    },
    {
      fixture: 'ONE_TIME_CHARGE',
      when: 'the app has sent it',
      arrange: credited,
      movements: [payment],
    },
    { fixture: 'ONE_TIME_CHARGE', when: 'its buyer unknown', movements: [] },
    { fixture: 'REFUND', when: 'half of it', arrange: credited, movements: [payment, refund] },
    { fixture: 'REFUND', when: 'never credited', movements: [] },
    {
      fixture: 'REFUND_REVERSED',
      arrange: async () => {
        await credited();
        const earlier = { asOf: new Date(0), occurredAt: new Date(0) };
        await receipts.revoke(RECEIPT, { part: 1, whole: 2, ...earlier });
      },
      movements: [
        payment,
        refund,
        {
          ...refund,
          id: `${RECEIPT}-refund_reversed-2`,
          kind: 'refund_reversed',
          amountCents: 500,
        },
      ],
    },
    {
      fixture: 'REFUND_REVERSED',
      when: 'nothing was refunded',
      arrange: credited,
      movements: [payment],
    },
    { fixture: 'CONSUMPTION_REQUEST', movements: [] },
    { fixture: 'REFUND_DECLINED', arrange: credited, movements: [] },
    { fixture: 'DID_RENEW', movements: [] },
    { fixture: 'TEST', movements: [] },
  ],
});
