/** What `functions/src/errors.ts` exports, abstract classes among them. */
export type ErrorClasses = Readonly<
  Record<string, new (message: string, detail: object) => Failure>
>;

interface Failure {
  /** An abstract class has none. */
  readonly status?: number;
  readonly errorName?: string;
}

/** What an app does on a status; every status that a failure has must be here. */
const meanings: Readonly<Record<number, string>> = {
  400: 'The request is not what this document says, or is beyond the limits of the deployment. Do not repeat it as it is. AppCheckException: the App Check token is missing or not valid here.',
  401: 'No valid ID token. Sign in again.',
  403: 'The account may not do this. EmailNotVerifiedException: let the user verify the address, then get a new ID token. AnonymousUserException: let the user sign up first. Any other: the account is on hold or of no use here.',
  404: 'There is no such thing, or it is somebody else’s.',
  405: 'Another method is needed.',
  409: 'What is stored says otherwise. Do not repeat it as it is.',
  410: 'The gateway takes no new orders. Offer another one; what was ordered before can still be paid.',
  413: 'The body is over 1 MB.',
  415: 'The body is compressed.',
  429: 'Too much of it. Wait until x-ratelimit-reset.',
  500: 'The deployment is at fault. Tell its operator.',
  503: 'Somebody did not answer. Repeat it later, with the same Idempotency-Key where one is taken.',
};

const headers: Readonly<Record<number, object>> = {
  405: { allow: { description: 'The method to use.', schema: { type: 'string' }, required: true } },
  429: {
    'x-ratelimit-reset': {
      description: 'When it is allowed again, in Unix seconds.',
      schema: { type: 'string', pattern: '^[0-9]+$' },
      required: true,
    },
  },
};

/** The `errorName`s of every status that a failure of ours is answered with. */
export type Statuses = ReadonlyMap<number, ReadonlySet<string>>;

export function statusesOf(errors: ErrorClasses): Statuses {
  const statuses = new Map<number, Set<string>>();
  for (const ErrorClass of Object.values(errors)) {
    const { status, errorName } = new ErrorClass('', new Date(0));
    if (status === undefined || errorName === undefined) continue;
    statuses.set(status, (statuses.get(status) ?? new Set()).add(errorName));
  }
  return new Map([...statuses].sort(([a], [b]) => a - b));
}

/** A failure of this status; `meaning` is what it means here, where that is more than everywhere. */
export function failure(status: number, meaning?: string): object {
  return {
    $ref: `#/components/responses/${status}`,
    ...(meaning !== undefined && { description: meaning }),
  };
}

/** One form of all failures, and the failure of each status. */
export function answerComponents(statuses: Statuses): object {
  const responses = [...statuses].map(([status, errorNames]) => {
    const description = meanings[status];
    if (description === undefined) throw new Error(`scripts/openapi: what does ${status} mean?`);
    const schema = {
      $ref: '#/components/schemas/Error',
      properties: { errorName: { enum: [...errorNames].sort() } },
    };
    const content = { 'application/json': { schema } };
    return [status, { description, ...(headers[status] && { headers: headers[status] }), content }];
  });
  const text = (description: string) => ({ type: 'string', description });
  return {
    schemas: {
      Error: {
        type: 'object',
        properties: {
          errorName: text('For the program.'),
          errorMessage: text('For the developer, in English.'),
        },
        required: ['errorName', 'errorMessage'],
      },
    },
    responses: Object.fromEntries(responses) as object,
  };
}
