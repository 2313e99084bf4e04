import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import * as errors from '../../../functions/src/errors.ts';
import * as deployed from '../../../functions/src/index.ts';
import { documentOf, textOf, type Deployed } from '../../../scripts/openapi/document.ts';

const groups = deployed as unknown as Deployed['groups'];
const sources = { groups, errors: errors as unknown as Deployed['errors'] };
const committed = readFileSync('docs/openapi.json', 'utf8');

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: object;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly $ref?: string }>>;
}

const { paths } = JSON.parse(committed) as {
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

test('docs/openapi.json is what the functions publish', async () => {
  if ((await textOf(documentOf(sources))) !== committed) {
    throw new Error('docs/openapi.json is behind the functions: npm run openapi, and commit it');
  }
});

test('it is valid OpenAPI 3.1, and every reference in it leads somewhere', async () => {
  const validator = new Validator();
  expect(await validator.validate(JSON.parse(committed) as Record<string, unknown>)).toEqual({
    valid: true,
  });
  expect(validator.version).toBe('3.1');
  expect(JSON.stringify(validator.resolveRefs())).not.toContain('$ref');
});

test('every function that answers HTTP is in it', () => {
  const answering = Object.entries(groups).flatMap(([group, entries]) =>
    Object.entries(entries).flatMap(([entry, handler]) =>
      'httpsTrigger' in (handler as { __endpoint: object }).__endpoint
        ? [`/${group}-${entry}`]
        : [],
    ),
  );
  expect(answering.length).toBeGreaterThan(10);
  expect(Object.keys(paths)).toEqual(answering.toSorted());
});

test('every failure of the vocabulary has a meaning, and is met somewhere', () => {
  const met = Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ responses }) => Object.keys(responses)),
  );
  const { components } = JSON.parse(committed) as { components: { responses: object } };
  expect(Object.keys(components.responses).filter((status) => !met.includes(status))).toEqual([]);
});

/** The fields of all queries, by call and name, with the schema that is read in each case. */
const queryFields = Object.entries(paths).flatMap(([path, methods]) =>
  Object.values(methods).flatMap(({ parameters = [] }) =>
    parameters
      .filter((one) => one.in === 'query')
      .map(({ name, schema }) => ({ path: path.slice(1), name, schema })),
  ),
);

test('whole numbers in a query are integers in the document', () => {
  const found = queryFields.map(({ path, name, schema }) => [`${path} ${name}`, schema]);
  expect(Object.fromEntries(found)).toMatchObject({
    'app-getTransactions page': { type: 'integer', default: 1, minimum: 1, maximum: 999_999 },
    'app-getTransactions limit': { type: 'integer', default: 10, minimum: 1, maximum: 100 },
    'app-getPayment order_id': { type: 'string' },
  });
});

test.each(queryFields)('$path reads $name as its document says it', ({ path, name, schema }) => {
  const [group = '', entry = ''] = path.split('-');
  const published = groups[group]?.[entry]?.published;
  if (published?.kind !== 'call') throw new Error('it is no call');
  const field = published.contract.input.shape[name] as { safeParse: (value: unknown) => unknown };
  const { type, minimum, maximum } = schema as {
    type: string;
    minimum?: number;
    maximum?: number;
  };
  if (type !== 'integer') return;
  for (const value of [minimum, maximum]) {
    expect(field.safeParse(String(value))).toEqual({ success: true, data: value });
  }
  for (const text of [`${Number(minimum) - 1}`, `${Number(maximum) + 1}`, '1.0', '1e1', '01', '']) {
    expect(field.safeParse(text)).toMatchObject({ success: false });
  }
});
