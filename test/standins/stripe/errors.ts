import type { Kind, PaymentIntent } from './objects.ts';

/** The `error` object of a refusal. */
export interface ErrorBody {
  type: string;
  code?: string;
  decline_code?: string;
  message: string;
  param?: string;
  payment_intent?: object;
}

/** A refusal by the API. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly body: ErrorBody;
  /** False when the request was refused before anything was attempted. */
  readonly isExecuted: boolean;

  constructor(status: number, body: ErrorBody, isExecuted = false) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.isExecuted = isExecuted;
  }
}

/** A parameter that breaks the rules. */
export function invalid(param: string, message: string, code?: string): ApiError {
  return new ApiError(400, {
    type: 'invalid_request_error',
    ...(code && { code }),
    message,
    param,
  });
}

/** There is no object of this kind with this id. */
export function missing(kind: Kind, id: string): ApiError {
  const param = kind === 'payment_intent' ? 'intent' : 'id';
  return new ApiError(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  });
}

/** The payment's status does not allow what was asked; the payment is attached. */
export function unexpectedState(intent: PaymentIntent, attempted: string): ApiError {
  const error = {
    type: 'invalid_request_error',
    code: 'payment_intent_unexpected_state',
    message: `This PaymentIntent could not be ${attempted}: its status is ${intent.status}.`,
    payment_intent: structuredClone(intent),
  };
  return new ApiError(400, error, true);
}

/** An act outside the API (a bank's, an operator's) that the state of things rules out. */
export function impossible(message: string): ApiError {
  return new ApiError(400, { type: 'invalid_request_error', message });
}
