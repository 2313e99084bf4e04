import type { Account } from './account.ts';
import { CONFIRM_PARAMS, confirmedByCard, lookedAt, secretKeyRequired } from './buyer.ts';
import { ApiError, invalid } from './errors.ts';
import { expanded } from './expand.ts';
import { listIn, textIn } from './form.ts';
import type { Form } from './form.ts';
import { isCreatedWithin, page } from './lists.ts';
import type { Kind } from './objects.ts';
import {
  readCancelReason,
  readCaptureAmount,
  readCreate,
  readMetadata,
  readRefundAmount,
} from './payment-params.ts';
import { cancelPayment, capturePayment, createPayment } from './payments.ts';
import { refundPayment } from './refunds.ts';
import {
  CREATE_ENDPOINT_PARAMS,
  createEndpoint,
  deleteEndpoint,
  listEndpoints,
  UPDATE_ENDPOINT_PARAMS,
  updateEndpoint,
} from './webhook-endpoints.ts';

interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** `:id` stands for one segment. */
  path: string;
  /** The parameters it accepts besides `expand`. */
  params: readonly string[];
  run(account: Account, id: string, params: Form): object;
}

const PAGE_PARAMS = ['limit', 'starting_after', 'ending_before'];
const CREATE_PARAMS = [
  'allowed_payment_method_types',
  'amount',
  'automatic_payment_methods',
  'capture_method',
  'currency',
  'customer',
  'description',
  'metadata',
  'payment_method_types',
  'receipt_email',
  'statement_descriptor_suffix',
];

const ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/payment_intents',
    params: CREATE_PARAMS,
    run: (account, _id, params) => createPayment(account, readCreate(params)),
  },
  {
    method: 'POST',
    path: '/v1/payment_intents/:id/capture',
    params: ['amount_to_capture', 'metadata'],
    run: (account, id, params) =>
      capturePayment(account, id, readCaptureAmount(params), readMetadata(params)),
  },
  {
    method: 'POST',
    path: '/v1/payment_intents/:id/cancel',
    params: ['cancellation_reason'],
    run: (account, id, params) => cancelPayment(account, id, readCancelReason(params)),
  },
  {
    method: 'POST',
    path: '/v1/refunds',
    params: ['amount', 'metadata', 'payment_intent'],
    run: (account, _id, params) =>
      refundPayment(account, textIn(params, 'payment_intent') ?? '', readRefundAmount(params), {
        metadata: readMetadata(params),
      }),
  },
  {
    method: 'GET',
    path: '/v1/payment_intents',
    params: [...PAGE_PARAMS, 'created', 'customer'],
    run: listPayments,
  },
  {
    method: 'GET',
    path: '/v1/refunds',
    params: [...PAGE_PARAMS, 'charge', 'created', 'payment_intent'],
    run: listRefunds,
  },
  {
    method: 'GET',
    path: '/v1/disputes',
    params: [...PAGE_PARAMS, 'charge', 'created', 'payment_intent'],
    run: listDisputes,
  },
  {
    method: 'GET',
    path: '/v1/events',
    params: [...PAGE_PARAMS, 'created', 'type', 'types'],
    run: listEvents,
  },
  {
    method: 'POST',
    path: '/v1/webhook_endpoints',
    params: CREATE_ENDPOINT_PARAMS,
    run: (account, _id, params) => createEndpoint(account, params),
  },
  {
    method: 'GET',
    path: '/v1/webhook_endpoints',
    params: PAGE_PARAMS,
    run: listEndpoints,
  },
  {
    method: 'POST',
    path: '/v1/webhook_endpoints/:id',
    params: UPDATE_ENDPOINT_PARAMS,
    run: updateEndpoint,
  },
  {
    method: 'DELETE',
    path: '/v1/webhook_endpoints/:id',
    params: [],
    run: deleteEndpoint,
  },
  retrieve('webhook_endpoints', 'webhook_endpoint'),
  retrieve('payment_intents', 'payment_intent', ['client_secret']),
  retrieve('charges', 'charge'),
  retrieve('refunds', 'refund'),
  retrieve('disputes', 'dispute'),
  retrieve('reviews', 'review'),
  retrieve('events', 'event'),
];

/** What a publishable key opens, in the browser of whoever has the payment's secret. */
const BUYERS_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/payment_intents/:id',
    params: ['client_secret'],
    run: lookedAt,
  },
  {
    method: 'POST',
    path: '/v1/payment_intents/:id/confirm',
    params: CONFIRM_PARAMS,
    run: confirmedByCard,
  },
];

/** Carries out a request; throws `ApiError` for every refusal. */
export function execute(account: Account, method: string, path: string, params: Form): object {
  return carriedOut(ROUTES, account, method, path, params);
}

/** The same for who has the publishable key only. */
export function executeForBuyer(
  account: Account,
  method: string,
  path: string,
  params: Form,
): object {
  const segments = segmentsOf(path);
  const isTheirs = BUYERS_ROUTES.some((one) => one.method === method && fits(one.path, segments));
  if (!isTheirs) throw secretKeyRequired();
  return carriedOut(BUYERS_ROUTES, account, method, path, params);
}

function carriedOut(
  routes: readonly Route[],
  account: Account,
  method: string,
  path: string,
  params: Form,
): object {
  const segments = segmentsOf(path);
  const route = routes.find((one) => one.method === method && fits(one.path, segments));
  if (!route) {
    const message = `Unrecognized request URL (${method}: ${path}).`;
    throw new ApiError(404, { type: 'invalid_request_error', message });
  }
  checkNames(route, params);
  const result = route.run(account, segments[3] ?? '', params);
  return expanded(account, result, listIn(params, 'expand'));
}

/** An empty id leaves a trailing slash: the API takes that for the list. */
function segmentsOf(path: string): string[] {
  return path.replace(/\/+$/, '').split('/');
}

function retrieve(resource: string, kind: Kind, params: readonly string[] = []): Route {
  return {
    method: 'GET',
    path: `/v1/${resource}/:id`,
    params,
    run: (account, id) => account.get(kind, id),
  };
}

function listPayments(account: Account, _id: string, params: Form): object {
  const customer = textIn(params, 'customer');
  const found = account
    .all('payment_intent')
    .filter((intent) => customer === undefined || intent.customer === customer)
    .filter((intent) => isCreatedWithin(intent.created, params));
  return page(found, params, '/v1/payment_intents');
}

function listRefunds(account: Account, _id: string, params: Form): object {
  const charge = textIn(params, 'charge');
  const intent = textIn(params, 'payment_intent');
  const found = account
    .all('refund')
    .filter((refund) => charge === undefined || refund.charge === charge)
    .filter((refund) => intent === undefined || refund.payment_intent === intent)
    .filter((refund) => isCreatedWithin(refund.created, params));
  return page(found, params, '/v1/refunds');
}

function listDisputes(account: Account, _id: string, params: Form): object {
  const charge = textIn(params, 'charge');
  const intent = textIn(params, 'payment_intent');
  const found = account
    .all('dispute')
    .filter((dispute) => charge === undefined || dispute.charge === charge)
    .filter((dispute) => intent === undefined || dispute.payment_intent === intent)
    .filter((dispute) => isCreatedWithin(dispute.created, params));
  return page(found, params, '/v1/disputes');
}

/** Events are kept for 30 days. */
const EVENT_LIFE_S = 30 * 24 * 60 * 60;
const MOST_TYPES = 20;

function listEvents(account: Account, _id: string, params: Form): object {
  const type = textIn(params, 'type');
  const types = listIn(params, 'types');
  if (type !== undefined && types.length > 0) {
    throw invalid('types', 'You may pass either type or types, not both.');
  }
  if (types.length > MOST_TYPES) throw invalid('types', `At most ${MOST_TYPES} types.`);
  const wanted = type === undefined ? types : [type];
  const found = account
    .all('event')
    .filter((event) => wanted.length === 0 || wanted.includes(event.type))
    .filter((event) => event.created > account.now() - EVENT_LIFE_S)
    .filter((event) => isCreatedWithin(event.created, params));
  return page(found, params, '/v1/events');
}

function fits(path: string, segments: readonly string[]): boolean {
  const expected = path.split('/');
  return (
    expected.length === segments.length &&
    expected.every((segment, index) => segment === ':id' || segment === segments[index])
  );
}

function checkNames(route: Route, params: Form): void {
  for (const name of Object.keys(params)) {
    if (name !== 'expand' && !route.params.includes(name)) {
      throw invalid(name, `Received unknown parameter: ${name}`, 'parameter_unknown');
    }
  }
}
