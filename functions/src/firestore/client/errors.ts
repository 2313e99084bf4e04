/** The codes of google.rpc.Code. */
export const codes = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

/** By the names that the REST API answers with, such as `ALREADY_EXISTS`. */
const codesByName = new Map<string, number>(
  Object.entries(codes).map(([name, code]) => [
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
    code,
  ]),
);

/** Calls that failed like this have changed nothing, or may be repeated: they are tried again. */
const passing = new Set<number>([codes.resourceExhausted, codes.aborted, codes.unavailable]);

/** Firestore has refused a call, or cannot be reached. */
export class FirestoreError extends Error {
  override readonly name = 'FirestoreError';
  /** A code of google.rpc.Code. */
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whether the same call may succeed a moment later. */
  get isPassing(): boolean {
    return passing.has(this.code);
  }
}

/** What the REST API says of a call, or of one write among several. */
interface WireStatus {
  readonly code?: number;
  readonly message?: string;
  /** The name of the code; `code` is then the status of HTTP. */
  readonly status?: string;
}

/** The error of an answer that is not 2xx. Anything but Google's own form is a proxy's. */
export function errorOf(httpStatus: number, text: string): FirestoreError {
  const { status, message } = statusIn(text);
  const code = codesByName.get(status ?? '');
  if (code !== undefined) return new FirestoreError(code, message ?? 'no message');
  const isServers = httpStatus >= 500 || httpStatus === 429;
  return new FirestoreError(
    isServers ? codes.unavailable : codes.unknown,
    `Firestore answered ${httpStatus}.`,
  );
}

/** The error of one write among several; undefined for a write that was made. */
export function errorOfWrite({ code = 0, message = '' }: WireStatus = {}):
  FirestoreError | undefined {
  return code === 0 ? undefined : new FirestoreError(code, message);
}

/** An answer that would have been a list is a list with one error. */
function statusIn(text: string): WireStatus {
  try {
    const body = JSON.parse(text) as unknown;
    const { error } = (Array.isArray(body) ? body[0] : body) as { error?: WireStatus };
    return error ?? {};
  } catch {
    return {};
  }
}
