import { staffOptions } from '../config/options';
import { onRequest } from '../http/on-request';
import { staffActEndpoint, staffEndpoint } from '../http/staff';
import { once } from '../once';
import * as calls from './calls';

const search = once(async () => (await import('./search')).openSearch());
const stories = once(async () => (await import('./story')).openStories());
const parked = once(async () => (await import('./parked')).openParked());
const refused = once(async () => (await import('./refused')).openRefused());

const options = { ...staffOptions, secrets: [] };

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
