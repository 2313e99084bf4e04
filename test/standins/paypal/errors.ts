import type { Reply } from '../http.ts';

const NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_REQUEST',
  401: 'AUTHENTICATION_FAILURE',
  403: 'NOT_AUTHORIZED',
  404: 'RESOURCE_NOT_FOUND',
  422: 'UNPROCESSABLE_ENTITY',
  429: 'RATE_LIMIT_REACHED',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
};

/** A refusal by the API. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly issue: string;

  constructor(status: number, issue: string) {
    super(`${status} ${issue}`);
    this.status = status;
    this.issue = issue;
  }
}

export function refusal(status: number, issue?: string): Reply {
  const name = NAMES[status] ?? 'UNKNOWN';
  const body = {
    name,
    message: 'n/a',
    debug_id: 'f00dbabe00001',
    details: [{ issue: issue ?? name, description: 'n/a' }],
    links: [],
  };
  return { status, body };
}
