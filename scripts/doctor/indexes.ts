import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { GoogleRefusal, part, type GoogleClient } from '../google/client.ts';
import type { Finding } from './examine.ts';

const field = z.object({
  fieldPath: z.string(),
  order: z.string().optional(),
  arrayConfig: z.string().optional(),
});

const listed = z.object({
  collectionGroup: z.string(),
  queryScope: z.string(),
  fields: z.array(field),
});

/** An index of a field alone. */
const single = field.omit({ fieldPath: true }).extend({ queryScope: z.string() });

const file = z.object({
  indexes: z.array(listed),
  fieldOverrides: z.array(
    z.object({
      collectionGroup: z.string(),
      fieldPath: z.string(),
      ttl: z.boolean().default(false),
      indexes: z.array(single),
    }),
  ),
});

const built = listed
  .omit({ collectionGroup: true })
  .extend({ name: z.string(), state: z.string() });

const override = z.object({
  name: z.string(),
  ttlConfig: z.object({ state: z.string().default('') }).optional(),
  indexConfig: z
    .object({ indexes: z.array(built.pick({ queryScope: true, fields: true })).default([]) })
    .prefault({}),
});

const DEPLOY = 'npx firebase deploy --only firestore:indexes';

/** One text for one index. Firestore adds the name of the document as its last field. */
function keyOf(
  group: string,
  { queryScope, fields }: z.output<typeof built> | z.output<typeof listed>,
) {
  const parts = fields
    .filter(({ fieldPath }) => fieldPath !== '__name__')
    .map(({ fieldPath, order, arrayConfig }) => `${fieldPath} ${order ?? arrayConfig ?? ''}`);
  return `${group} (${parts.join(', ')})${queryScope === 'COLLECTION' ? '' : ` ${queryScope}`}`;
}

/** One text for one index of a single field. */
function textOf({ queryScope, order, arrayConfig }: z.output<typeof single>): string {
  return `${queryScope} ${order ?? arrayConfig ?? ''}`;
}

/**
 * Whether each index of `firestore.indexes.json` is built, and each field has its exemption and its
 * time to live. Indexes of somebody else are named and left.
 * https://docs.cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.collectionGroups.indexes
 */
export async function examineIndexes(
  google: GoogleClient,
  project: string,
  database: string,
): Promise<Finding[]> {
  const wanted = file.parse(JSON.parse(readFileSync('firestore.indexes.json', 'utf8')));
  const groups = `https://firestore.googleapis.com/v1/projects/${part(project)}/databases/${part(database)}/collectionGroups/-`;
  const role = 'roles/datastore.viewer';
  const filter = part('indexConfig.usesAncestorConfig:false OR ttlConfig:*');
  const found = await Promise.all([
    google.list(`${groups}/indexes`, 'indexes', role),
    google.list(`${groups}/fields?filter=${filter}`, 'fields', role),
  ]).catch((error: unknown) => {
    if (error instanceof GoogleRefusal && error.status === 404) return undefined;
    throw error;
  });
  if (found === undefined) return [missingDatabase(database)];
  const [indexes, fields] = found;
  const states = new Map(
    indexes.map((one) => {
      const index = built.parse(one);
      return [keyOf(groupOf(index.name), index), index.state];
    }),
  );
  const overrides = new Map(
    fields.map((one) => {
      const { name, ttlConfig, indexConfig } = override.parse(one);
      const own = indexConfig.indexes.map(({ queryScope, fields: [first] }) =>
        textOf({ queryScope, ...first }),
      );
      const key = `${groupOf(name)}.${name.split('/').at(-1) ?? ''}`;
      return [key, { isTimed: ttlConfig !== undefined, own: own.toSorted().join() }];
    }),
  );
  const keys = wanted.indexes.map((index) => keyOf(index.collectionGroup, index));
  const extra = [...states.keys()].filter((key) => !keys.includes(key));
  return [
    ...keys.map((key) => toFinding(key, states.get(key))),
    ...wanted.fieldOverrides.map(({ collectionGroup, fieldPath, ttl, indexes: own }): Finding => {
      const name = `${collectionGroup}.${fieldPath}`;
      const found = overrides.get(name);
      if (found?.own !== own.map(textOf).toSorted().join()) {
        return fault(name, 'has not the indexes of firestore.indexes.json');
      }
      if (ttl && !found.isTimed) return fault(name, 'has no time to live');
      return { name, state: 'ok', words: 'as it should be' };
    }),
    ...extra.map((name): Finding => ({ name, state: 'ok', words: 'is not ours, and is left' })),
  ];
}

function toFinding(name: string, state: string | undefined): Finding {
  if (state === 'READY') return { name, state: 'ok', words: 'is built' };
  if (state === undefined) return fault(name, 'is missing: queries fail');
  return {
    ...fault(name, `is ${state}: queries fail`),
    fix: 'Wait until the console shows it as built.',
  };
}

const fault = (name: string, words: string): Finding => ({
  name,
  state: 'wrong',
  words,
  fix: DEPLOY,
});

function missingDatabase(database: string): Finding {
  return {
    ...fault(database, 'is no database of the project'),
    fix: `Correct FIRESTORE_DATABASE, or npx firebase firestore:databases:create '${database}' --location <near the functions>, then ${DEPLOY}`,
  };
}

function groupOf(name: string): string {
  return /\/collectionGroups\/([^/]+)\//.exec(name)?.[1] ?? '';
}
