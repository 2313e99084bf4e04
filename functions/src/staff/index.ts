import { staffOptions } from '../config/options';
import { onRequest } from '../http/on-request';
import { staffActEndpoint, staffEndpoint } from '../http/staff';
import { adjustmentIdOf, rowIdOf } from '../ledger/adjustment-id';
import { once } from '../once';
import { retailSecrets } from '../retail/config';
import * as adjustmentCalls from './adjustment-calls';
import * as calls from './calls';
import * as monthCalls from './month-calls';
import * as refundCalls from './refund-calls';

const search = once(async () => (await import('./search')).openSearch());
const stories = once(async () => (await import('./story')).openStories());
const parked = once(async () => (await import('./parked')).openParked());
const refused = once(async () => (await import('./refused')).openRefused());
const adjusting = once(async () => (await import('./adjustments')).openAdjusting());
const months = once(async () => (await import('./month')).openMonths());
const refunds = once(async () => (await import('./refunds')).openRefunds());

const options = { ...staffOptions, secrets: [] };
/** Of calls that push a row. */
const pushOptions = { ...staffOptions, secrets: retailSecrets };

const states = { booked: 'booked', waiting: 'waits for a second person', declined: 'declined' };

/** {q} → {orders, rows, parked}, by whatever is known. */
export const find = onRequest(
  options,
  staffEndpoint('staff-find', calls.find, async (input) => (await search()).find(input)),
);

/** {id} → {summary, lines}: what happened to an order or a payment. */
export const getStory = onRequest(
  options,
  staffEndpoint('staff-getStory', calls.getStory, async (input) => (await stories()).read(input)),
);

/** {gateway} → {parked}: the parked events that are not resolved. */
export const listParked = onRequest(
  options,
  staffEndpoint('staff-listParked', calls.listParked, async (input) =>
    (await parked()).list(input),
  ),
);

/** {parked_id} → {released, asked}: makes a parked event due now, or all. */
export const retryParked = onRequest(
  options,
  staffActEndpoint('staff-retryParked', calls.retryParked, {
    act: 'retry a parked event',
    targetOf: (input) => input.parked_id,
    reasonOf: ({ reason }) => reason,
    run: async (input) => (await parked()).retry(input),
    outcomeOf: ({ released, asked }) => `due now: ${released} to release, ${asked} to ask about`,
  }),
);

/** {parked_id, reason} → {result}: ends the wait of a parked event that a person has settled. */
export const resolveParked = onRequest(
  options,
  staffActEndpoint('staff-resolveParked', calls.resolveParked, {
    act: 'resolve a parked event',
    targetOf: (input) => input.parked_id,
    reasonOf: ({ reason }) => reason,
    run: async (input, line) => (await parked()).resolve(input, line),
    outcomeOf: () => 'resolved',
  }),
);

/** → {rows} that the Retail API has refused. */
export const listRefused = onRequest(
  options,
  staffEndpoint('staff-listRefused', calls.listRefused, async () => (await refused()).list()),
);

/** {payment_id} → {armed}: makes a refused row due, or all. */
export const retryRefused = onRequest(
  options,
  staffActEndpoint('staff-retryRefused', calls.retryRefused, {
    act: 'retry a refused row',
    targetOf: (input) => input.payment_id,
    reasonOf: ({ reason }) => reason,
    run: async (input) => (await refused()).retry(input),
    outcomeOf: ({ armed }) => `${armed} due for the next sweep`,
  }),
);

/** {uid, cents, reason, key} → {adjustment, rows}: changes a balance, or asks a second person. */
export const adjust = onRequest(
  pushOptions,
  staffActEndpoint('staff-adjust', adjustmentCalls.adjust, {
    act: 'adjust a balance',
    targetOf: ({ key }) => rowIdOf(adjustmentIdOf(key)),
    reasonOf: ({ reason }) => reason,
    run: async (input, _line, member) => (await adjusting()).adjust(input, member),
    outcomeOf: ({ adjustment: { state } }) => states[state],
  }),
);

/** {payment_id, uid, reason} → {adjustment, rows}: gives what is left of a payment to another user. */
export const movePayment = onRequest(
  pushOptions,
  staffActEndpoint('staff-movePayment', adjustmentCalls.movePayment, {
    act: 'move a payment',
    targetOf: (input) => input.payment_id,
    reasonOf: ({ reason }) => reason,
    run: async (input, _line, member) => (await adjusting()).move(input, member),
    outcomeOf: ({ adjustment: { state } }) => states[state],
  }),
);

/** → {adjustments} that wait for a second person. */
export const listAdjustments = onRequest(
  pushOptions,
  staffEndpoint('staff-listAdjustments', adjustmentCalls.listAdjustments, async () =>
    (await adjusting()).list(),
  ),
);

/** {adjustment_id} → {adjustment, rows}: books what another member has asked for. */
export const approveAdjustment = onRequest(
  pushOptions,
  staffActEndpoint('staff-approveAdjustment', adjustmentCalls.approveAdjustment, {
    act: 'approve an adjustment',
    targetOf: (input) => rowIdOf(input.adjustment_id),
    reasonOf: () => undefined,
    run: async (input, _line, member) => (await adjusting()).approve(input, member),
    outcomeOf: ({ adjustment: { state } }) => states[state],
  }),
);

/** {adjustment_id, reason} → {adjustment}: ends the wait. */
export const declineAdjustment = onRequest(
  pushOptions,
  staffActEndpoint('staff-declineAdjustment', adjustmentCalls.declineAdjustment, {
    act: 'decline an adjustment',
    targetOf: (input) => rowIdOf(input.adjustment_id),
    reasonOf: ({ reason }) => reason,
    run: async (input, _line, member) => (await adjusting()).decline(input, member),
    outcomeOf: ({ adjustment: { state } }) => states[state],
  }),
);

/** {month, gateway, after} → {rows, next}: the rows that were booked in a month, page by page. */
export const listMonth = onRequest(
  options,
  staffEndpoint('staff-listMonth', monthCalls.listMonth, async (input) =>
    (await months()).list(input),
  ),
);

/** → {requests}: refunds that were asked for and are not ended. */
export const listRefunds = onRequest(
  options,
  staffEndpoint('staff-listRefunds', refundCalls.listRefunds, async () => (await refunds()).list()),
);

/** {request_id, reason} → {payment_id}: ends a request of which nothing came. */
export const closeRefund = onRequest(
  options,
  staffActEndpoint('staff-closeRefund', refundCalls.closeRefund, {
    act: 'close a refund request',
    targetOf: (input) => input.request_id,
    reasonOf: ({ reason }) => reason,
    run: async (input) => (await refunds()).close(input),
    outcomeOf: ({ payment_id: payment }) => `closed, of ${payment}`,
  }),
);
