import { FirestoreError } from '../../../functions/src/firestore/client/index.ts';
import { Misconfigured, Unavailable } from '../../../functions/src/errors.ts';
import type { Refunds } from '../../../functions/src/gateway.ts';
import type { RefundRequest } from '../../../functions/src/ledger/refund-request.ts';
import { RefundRequests } from '../../../functions/src/ledger/refund-requests.ts';
import { toPaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { refundPayment } from '../../../functions/src/refunds/refund.ts';
import { openRefunds } from '../../../functions/src/staff/refunds.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import {
  MINUTE_MS,
  movement,
  NAME,
  openLook,
  pipelineOf,
  Till,
} from '../../harness/second-look.ts';

/** Steps of refunds that meet, or break off, in the order that does most harm. */

const own = useOwnFirestore();
let clock: number;
const now = () => new Date(clock);
const pipeline = () => pipelineOf(own().firestore, now);
/** The keys of the calls of the gateway, and how each is answered. */
let given: string[];
let onCall: () => Promise<void>;

beforeEach(async () => {
  clock = Date.parse('2026-11-30T10:00:00Z');
  given = [];
  onCall = () => Promise.resolve();
  const row = toPaymentRow(NAME, movement({ id: 'a', occurredAt: now() }));
  await pipeline().ledger.record(row, now(), 0);
});

const refunds: Refunds = {
  can: 'partial',
  knowsKeys: true,
  refund: async (_payment, _cents, key) => {
    given.push(key);
    await onCall();
    return { refundId: `re_${key}` };
  },
};

const noAnswer = () => Promise.reject(new Unavailable('no answer'));
const open = () => new RefundRequests(own().firestore);

/** A command; `line` is its line in the audit. */
async function refund(line: string, requests = open()): Promise<RefundRequest> {
  const desk = { look: await openLook(new Till(), pipeline()), gateway: { refunds }, requests };
  const asked = { gateway: NAME, paymentId: `${NAME}_a`, cents: 500, isAnother: false };
  return refundPayment(desk, { ...asked, address: undefined, role: 'finance', line });
}

/** Whatever comes of a command, three minutes later. */
async function refundLater(line: string): Promise<void> {
  clock += 3 * MINUTE_MS;
  await refund(line).catch(() => undefined);
}

const keys = () => new Set(given).size;

test('Firestore refuses the note after the gateway has given: the request has not failed', async () => {
  const requests = open();
  const note = jest.spyOn(requests, 'note').mockRejectedValueOnce(new Misconfigured('refused'));
  await expect(refund('line1', requests)).rejects.toThrow(Misconfigured);
  expect(note).toHaveBeenCalledTimes(1);
  await refundLater('line2');
  expect([given.length, keys()]).toEqual([2, 1]);
});

test('a request that a person has made unreadable stops the refund', async () => {
  onCall = noAnswer;
  const { id } = await refund('line1');
  await own().doc(`tn_refund_requests/${id}`).update({ amount: '500' });
  clock += 3 * MINUTE_MS;
  await expect(refund('line2')).rejects.toThrow(`${id} was edited by hand`);
  expect(keys()).toBe(1);
});

test('closed by one member while another repeats it: what was given stays open', async () => {
  onCall = noAnswer;
  const { id } = await refund('line1');
  clock += 3 * MINUTE_MS;
  onCall = () => Promise.resolve();
  const requests = open();
  const endBooked = requests.endBooked.bind(requests);
  jest.spyOn(requests, 'endBooked').mockImplementation(async (...args) => {
    const read = await endBooked(...args);
    expect((await refund('line2')).state).toBe('sent');
    return read;
  });
  await expect(openRefunds(requests, now).close({ request_id: id })).rejects.toThrow(
    'Another call',
  );
  await refundLater('line3');
  expect(keys()).toBe(1);
});

test('a call that was slow does not undo what a later one has noted', async () => {
  const slow = Promise.withResolvers<undefined>();
  onCall = async () => {
    await slow.promise;
  };
  const first = refund('line1');
  while (given.length === 0) await new Promise((done) => setTimeout(done, 5));
  clock += 3 * MINUTE_MS;
  onCall = () => Promise.resolve();
  const { refundId } = await refund('line2');
  slow.reject(new Unavailable('late'));
  await expect(first).rejects.toThrow('Another call');
  expect(await own().all('tn_refund_requests')).toMatchObject([
    { state: 'sent', gateway_refund_id: refundId },
  ]);
});

test('a call that wakes after its time does not call the gateway', async () => {
  const requests = open();
  const begin = requests.begin.bind(requests);
  jest.spyOn(requests, 'begin').mockImplementation(async (...args) => {
    const begun = await begin(...args);
    clock += 3 * MINUTE_MS;
    return begun;
  });
  await expect(refund('line1', requests)).rejects.toThrow('The call took too long.');
  expect(given).toEqual([]);
});

test('a request that was written, and whose write was tried again, is its own', async () => {
  const { firestore } = own();
  const batch = firestore.batch.bind(firestore);
  const spy = jest.spyOn(firestore, 'batch').mockImplementationOnce(() => {
    const made = batch();
    const commit = made.commit.bind(made);
    made.commit = async () => {
      await commit();
      throw new FirestoreError(6, 'it is there');
    };
    return made;
  });
  expect(await refund('line1')).toMatchObject({ state: 'sent' });
  expect(spy).toHaveBeenCalled();
  spy.mockRestore();
});
