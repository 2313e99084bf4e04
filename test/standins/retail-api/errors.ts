import type { Reply } from '../http.ts';

const NAMES: Readonly<Record<number, string>> = {
  400: 'InvalidRequestParamsException',
  401: 'UnauthorizedException',
  402: 'PaymentRequiredException',
  403: 'AccountOnHoldException',
  404: 'NotFoundException',
  409: 'AlreadyExistsException',
  422: 'ValidationException',
  429: 'TooManyRequestsException',
  500: 'InternalServerErrorException',
  503: 'ServiceUnavailableException',
};

/** A refusal in the API's shape; the name follows from the status unless it is given. */
export function refusal(status: number, message: string, name?: string): Reply {
  const errorName = name ?? NAMES[status] ?? 'HttpException';
  return { status, body: { errorName, errorMessage: message } };
}
