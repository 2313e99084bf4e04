import type { CallContract, Published } from '../../functions/src/http/call.ts';
import { failure, type Statuses } from './answers.ts';

type PublishedCall = Extract<Published, { kind: 'call' }>;

interface JsonSchema {
  readonly type?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

export const headerParameters = {
  'X-Firebase-AppCheck': {
    name: 'X-Firebase-AppCheck',
    in: 'header',
    description: 'A token of Firebase App Check, where the deployment asks for one.',
    schema: { type: 'string' },
  },
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Visible ASCII. The same key places the same order, for 23 hours: a new one for each purchase.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  'If-None-Match': {
    name: 'If-None-Match',
    in: 'header',
    description: 'The ETag of the copy at hand.',
    schema: { type: 'string' },
  },
} as const;

/** The path of a call, with its one operation. */
export function callOperation(
  about: object,
  { contract, isPublic }: PublishedCall,
  statuses: Statuses,
): object {
  const { recaptchaAction, staffRole } = contract;
  const isPost = contract.method === 'POST';
  const input = schemaOf(contract.input);
  const parameters = [
    ...(isPost ? [] : queryParameters(contract.input)),
    ...(placesOrder(contract) ? [{ $ref: '#/components/parameters/Idempotency-Key' }] : []),
    ...(isPublic ? [{ $ref: '#/components/parameters/If-None-Match' }] : []),
    ...(isPublic || staffRole ? [] : [{ $ref: '#/components/parameters/X-Firebase-AppCheck' }]),
  ];
  const body = { required: true, content: { 'application/json': { schema: input } } };
  return {
    [contract.method.toLowerCase()]: {
      ...about,
      summary: contract.summary,
      ...(recaptchaAction !== undefined && {
        description: `The recaptcha_token is made for the action ${recaptchaAction}.`,
      }),
      ...(staffRole !== undefined && {
        description: `For members of the staff with the role ${staffRole} or one above it.`,
      }),
      security: isPublic ? [] : [{ firebase: [] }],
      parameters,
      ...(isPost && { requestBody: body }),
      responses: { ...successes(contract, isPublic), ...failures(contract, isPublic, statuses) },
    },
  };
}

/** Whoever takes an amount sells something. */
function placesOrder({ input }: CallContract): boolean {
  return 'amount' in input.shape;
}

/**
 * What is sent is the input of either schema: a reply is not parsed by the function that sends it.
 * The bounds of JavaScript's own integers say nothing to anybody.
 */
function schemaOf(schema: CallContract['input'], io: 'input' | 'output' = 'input'): JsonSchema {
  const { $schema, ...rest } = schema.toJSONSchema({
    io,
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  if ($schema !== 'https://json-schema.org/draft/2020-12/schema') throw new Error(String($schema));
  return rest as JsonSchema;
}

/**
 * The fields of a query. All are texts on the wire; one that is a whole number to both sides is an
 * integer in the document, so that a generated client takes one.
 */
function queryParameters(contract: CallContract['input']): object[] {
  const { properties = {}, required = [] } = schemaOf(contract);
  const { properties: read = {} } = schemaOf(contract, 'output');
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description !== undefined && { description }),
    required: required.includes(name),
    schema: read[name]?.type === 'integer' ? toInteger(schema, read[name]) : schema,
  }));
}

function toInteger({ default: text }: JsonSchema, { minimum, maximum }: JsonSchema): object {
  const standard = text === undefined ? {} : { default: Number(text) };
  return { type: 'integer', minimum, maximum, ...standard };
}

function successes({ output }: CallContract, isPublic: boolean): object {
  const content = { 'application/json': { schema: schemaOf(output) } };
  if (!isPublic) return { 200: { description: 'Done.', content } };
  const text = (description: string) => ({
    description,
    required: true,
    schema: { type: 'string' },
  });
  const headers = {
    etag: text('Of this answer, for If-None-Match.'),
    'cache-control': text('How long a copy is good.'),
  };
  return {
    200: { description: 'Done.', headers, content },
    304: { description: 'The copy at hand is good.', headers },
  };
}

function failures(contract: CallContract, isPublic: boolean, statuses: Statuses): object {
  const refusals: Readonly<Record<number, string | undefined>> = {
    ...(placesOrder(contract) && {
      409: 'The Idempotency-Key was used for another order, or is worn out. Use a new one.',
      429: 'The user has too many unpaid orders. Let them pay, or wait.',
    }),
    ...(contract.staffRole !== undefined && {
      403: 'The caller is not on the staff, or the role does not suffice. The message says what to do.',
    }),
    ...contract.refusals,
  };
  const own = [404, 409, ...(placesOrder(contract) ? [] : [410])];
  const ofPersons = [401, 403, 429];
  const found = [...statuses.keys()].filter(
    (status) =>
      (!own.includes(status) || refusals[status] !== undefined) &&
      !(isPublic && ofPersons.includes(status)),
  );
  return Object.fromEntries(found.map((status) => [status, failure(status, refusals[status])]));
}
