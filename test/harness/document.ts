import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** What `docs/openapi.json` holds, as far as tests read it. */
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, DocumentedAnswer>>;
  };
}

export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly { readonly required?: readonly string[] }[];
  readonly examples?: readonly unknown[];
}

interface Parameter {
  readonly $ref?: string;
  readonly name?: string;
  readonly in?: string;
  readonly required?: boolean;
  readonly schema?: JsonSchema;
}

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly security: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema?: JsonSchema }>> };
  readonly responses: Readonly<Record<string, { readonly $ref?: string } & DocumentedAnswer>>;
}

interface DocumentedAnswer {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; schema: JsonSchema }>>;
  readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>>;
}

/** An answer as it arrived. */
export interface Arrived {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What HTTP, CORS and the emulator's Express send along, and what is said once for all answers. */
const everywhere =
  /^(access-control-.*|cache-control|connection|content-length|content-type|date|keep-alive|transfer-encoding|vary|x-powered-by)$/;

const openApi = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as OpenApi;
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ ...openApi, $id: 'open' });
// An answer has the documented fields and no other.
ajv.addSchema({ ...(closed(openApi) as object), $id: 'closed' });

/** A documented call of the apps. */
export interface DocumentedCall {
  readonly name: string;
  readonly method: string;
  readonly isPublic: boolean;
  readonly isForStaff: boolean;
  /** Whether it takes an Idempotency-Key. */
  readonly takesKey: boolean;
  /** The fields of the JSON body, or of the query. */
  readonly input: JsonSchema;
}

const operations = Object.values(openApi.paths).flatMap((path) =>
  Object.entries(path).map(([method, operation]) => ({ method: method.toUpperCase(), operation })),
);

/** What a gateway calls, and nobody else. */
const isWebhook = ({ operationId }: Operation) => operationId.endsWith('-handleWebhookEvents');

export const calls: readonly DocumentedCall[] = operations
  .filter(({ operation }) => !isWebhook(operation))
  .map(({ method, operation }) => ({
    name: operation.operationId,
    method,
    isPublic: operation.security.length === 0,
    isForStaff: operation.description?.startsWith('For members of the staff') === true,
    takesKey: JSON.stringify(operation.parameters ?? []).includes('Idempotency-Key'),
    input: operation.requestBody?.content['application/json']?.schema ?? queryOf(operation),
  }));

export const webhooks = operations
  .map(({ operation }) => operation)
  .filter(isWebhook)
  .map(({ operationId: name, requestBody }) => ({
    name,
    contentType: Object.keys(requestBody?.content ?? {}).join(),
  }));

function queryOf({ parameters = [] }: Operation): JsonSchema {
  const fields = parameters.filter((parameter) => parameter.in === 'query');
  const named = (parameter: Parameter) => parameter.name ?? '';
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((one) => [named(one), one.schema ?? {}])),
    required: fields.filter(({ required }) => required === true).map(named),
  };
}

/** Whether a value is what a schema of the document says. */
export function fits(schema: JsonSchema, value: unknown): boolean {
  return ajv.validate(schema, value);
}

/** What about an answer the document does not say; nothing about other addresses than of functions. */
export function undocumented(url: URL, method: string, answer: Arrived): string[] {
  const path = /\/\w+-\w+$/.exec(url.pathname)?.[0] ?? '';
  const [[verb, operation] = []] = Object.entries(openApi.paths[path] ?? {});
  // A preflight is of CORS, not of the call.
  if (verb === undefined || operation === undefined || method === 'OPTIONS') return [];
  const given = operation.responses[answer.status];
  const where = given?.$ref ?? `#/paths/${escaped(path)}/${verb}/responses/${answer.status}`;
  const told = given?.$ref === undefined ? given : openApi.components.responses[answer.status];
  const faults =
    told === undefined
      ? ['the status']
      : [...headerFaults(told, answer.headers), ...bodyFaults(where, told, answer)];
  return faults.map((fault) => `${method} ${path} ${answer.status}: ${fault} is not as documented`);
}

function headerFaults({ headers: told = {} }: DocumentedAnswer, headers: Headers): string[] {
  const strange = [...headers.keys()].filter((name) => !everywhere.test(name) && !(name in told));
  const wrong = Object.entries(told).flatMap(([name, { required, schema }]) => {
    const value = headers.get(name);
    return (value === null ? required !== true : fits(schema, value)) ? [] : [name];
  });
  return [...strange, ...wrong].map((name) => `header ${name}`);
}

function bodyFaults(
  where: string,
  { content }: DocumentedAnswer,
  { headers, text }: Arrived,
): string[] {
  if (content === undefined) return text === '' ? [] : ['a body'];
  if ('*/*' in content) return [];
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  if (!(type in content)) return [`content type ${type}`];
  const validate = ajv.getSchema(`closed${where}/content/${escaped(type)}/schema`) as
    ValidateFunction | undefined;
  if (validate === undefined) throw new Error(`no schema at ${where}`);
  if (validate(JSON.parse(text))) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) =>
      `body${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}

function escaped(segment: string): string {
  return encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** The same schemas, in which an object that lists its properties has no others. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  const isListed = copy['type'] === 'object' && 'properties' in copy;
  return isListed ? { additionalProperties: false, ...copy } : copy;
}
