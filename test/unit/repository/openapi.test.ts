import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import * as errors from '../../../functions/src/errors.ts';
import * as deployed from '../../../functions/src/index.ts';
import { documentOf, textOf, type Deployed } from '../../../scripts/openapi/document.ts';

const groups = deployed as unknown as Deployed['groups'];
const sources = { groups, errors: errors as unknown as Deployed['errors'] };
const committed = readFileSync('docs/openapi.json', 'utf8');

interface Operation {
  readonly operationId: string;
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
