import type { Delivery, SignedNotification } from './deliveries.ts';

/** A request for the history of notifications, as its body and query say. */
export interface HistoryRequest {
  readonly body: unknown;
  readonly paginationToken: string | null;
}

/** What the history is made of. */
export interface HistoryDesk {
  readonly environment: string;
  readonly made: () => readonly SignedNotification[];
  readonly done: () => readonly Delivery[];
  readonly now: () => number;
  /** Notifications of a page; Apple has 20. */
  pageSize: number;
}

/** A page, or the code and the message of an error. */
export type HistoryAnswer = { readonly page: object } | { readonly refusal: [number, string] };

interface Wanted {
  readonly startDate: number;
  readonly endDate: number;
  readonly notificationType?: string;
  readonly transactionId?: string;
  readonly onlyFailures?: boolean;
}

const DAY_MS = 24 * 60 * 60_000;

const fields = new Set([
  'startDate',
  'endDate',
  'notificationType',
  'notificationSubtype',
  'transactionId',
  'onlyFailures',
]);

/** https://developer.apple.com/documentation/appstoreserverapi/get-notification-history */
export function historyOf(desk: HistoryDesk, request: HistoryRequest): HistoryAnswer {
  const wanted = request.body as Wanted;
  const fault = faultOf(desk, wanted);
  if (fault !== undefined) return { refusal: fault };
  const all = desk.made().filter((one) => isWanted(desk, wanted, one));
  const first = offsetOf(request.paginationToken, wanted);
  if (first === undefined) return { refusal: [4_000_014, 'Invalid request. Invalid token.'] };
  const next = first + desk.pageSize;
  const hasMore = next < all.length;
  return {
    page: {
      ...(hasMore && { paginationToken: tokenOf(next, wanted) }),
      hasMore,
      notificationHistory: all.slice(first, next).map((one) => itemOf(desk, one)),
    },
  };
}

function faultOf({ environment, now }: HistoryDesk, wanted: Wanted): [number, string] | undefined {
  const { startDate, endDate, notificationType, transactionId } = wanted;
  const reachMs = (environment === 'Production' ? 180 : 30) * DAY_MS;
  if (Object.keys(wanted).some((name) => !fields.has(name))) return [4_000_000, 'Bad request.'];
  if (!Number.isInteger(startDate)) return [4_000_015, 'Invalid request. Invalid startDate.'];
  if (!Number.isInteger(endDate)) return [4_000_016, 'Invalid request. Invalid endDate.'];
  if (startDate <= now() - reachMs) return [4_000_012, 'The start date is too far in the past.'];
  if (startDate >= endDate) return [4_000_013, 'The start date is after the end date.'];
  if (notificationType !== undefined && transactionId !== undefined) {
    return [4_000_019, 'Multiple filters supplied.'];
  }
  return undefined;
}

function isWanted(
  { done }: HistoryDesk,
  { startDate, endDate, notificationType, transactionId, onlyFailures }: Wanted,
  one: SignedNotification,
): boolean {
  const isTaken = done().some(({ id, status }) => id === one.id && isSuccess(status));
  return (
    one.signedAt >= startDate &&
    one.signedAt <= endDate &&
    (notificationType === undefined || one.type === notificationType) &&
    (transactionId === undefined || one.transactionId === transactionId) &&
    !(onlyFailures === true && isTaken)
  );
}

function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status <= 206;
}

/** Apple keeps the first six attempts. */
export function itemOf(
  { done }: Pick<HistoryDesk, 'done'>,
  { id, body, signedAt }: SignedNotification,
): object {
  const attempts = done().filter((one) => one.id === id);
  return {
    ...(JSON.parse(body) as { signedPayload: string }),
    sendAttempts: attempts.slice(0, 6).map(({ status }) => ({
      attemptDate: signedAt,
      sendAttemptResult: isSuccess(status) ? 'SUCCESS' : 'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
    })),
  };
}

/** A token belongs to its request: the span beside it must be the same. */
function tokenOf(first: number, wanted: Wanted): string {
  return Buffer.from(JSON.stringify([first, wanted])).toString('base64url');
}

function offsetOf(token: string | null, wanted: Wanted): number | undefined {
  if (token === null) return 0;
  try {
    const [first] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [number];
    return tokenOf(first, wanted) === token ? first : undefined;
  } catch {
    return undefined;
  }
}
