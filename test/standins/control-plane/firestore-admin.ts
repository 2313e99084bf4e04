import type { Call, Reply } from '../http.ts';
import { assertNew, bodyOf, checkFields, existing, masked, ok, Refused } from './answers.ts';
import type { Api, CloudProject, Json } from './project.ts';

interface IndexField {
  readonly fieldPath: string;
  readonly order?: string;
}

/** https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.collectionGroups */
export function firestoreAdminApi(project: CloudProject): Api {
  const databases = `projects/${project.id}/databases`;
  return (call) => {
    const { method } = call;
    const path = decodeURIComponent(call.path).replace('/v1/', '');
    if (path === databases && method === 'POST') return createDatabase(project, databases, call);
    if (!path.startsWith(`${databases}/`)) return undefined;
    const [database, groups, group = '', kind, id] = partsOf(path, databases);
    const kept = existing(project.databases, database);
    if (groups === 'operations') return ok(existing(project.operations, path).look());
    if (groups === undefined) return ok({ ...kept, type: 'FIRESTORE_NATIVE' });
    const parent = `${database}/collectionGroups/${group}`;
    const here = (all: ReadonlyMap<string, Json>) =>
      [...all].flatMap(([name, one]) => (name.startsWith(`${database}/`) ? [one] : []));
    if (kind === 'indexes' && id === undefined) {
      if (method === 'POST') return createIndex(project, parent, call);
      return ok({ indexes: here(project.indexes) });
    }
    if (kind === 'indexes' && method === 'DELETE') {
      project.indexes.delete(`${parent}/indexes/${String(id)}`);
      return ok();
    }
    if (kind !== 'fields') return undefined;
    if (id === undefined) return ok({ fields: here(project.fields) });
    return method === 'PATCH' ? patchField(project, `${parent}/fields/${id}`, call) : undefined;
  };
}

/** The database's name, and the parts of the path that follow. */
function partsOf(path: string, databases: string): [string, ...(string | undefined)[]] {
  const [id = '', ...rest] = path.slice(databases.length + 1).split('/');
  return [`${databases}/${id}`, ...rest];
}

/** https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases/create */
function createDatabase(project: CloudProject, databases: string, call: Call): Reply {
  const { locationId } = bodyOf(call);
  const name = `${databases}/${call.query.get('databaseId') ?? ''}`;
  assertNew(project.databases, name);
  const response = { name, locationId };
  project.databases.set(name, response);
  return ok({ ...project.begin(name, { response }), response });
}

function createIndex(project: CloudProject, parent: string, call: Call): Reply {
  const index = bodyOf(call);
  const known = ['queryScope', 'apiScope', 'fields', 'density', 'multikey', 'unique'];
  checkFields(index, known, 'index');
  const given = index['fields'] as IndexField[];
  if (given.length < 2) {
    const message = 'this index is not necessary, configure using single field index controls';
    throw new Refused('INVALID_ARGUMENT', message);
  }
  const made = {
    apiScope: 'ANY_API',
    density: 'SPARSE_ALL',
    ...index,
    queryScope: index['queryScope'],
    fields: withName(given),
    state: 'CREATING',
  };
  const isSame = (kept: Json) =>
    String(kept['name']).startsWith(`${parent}/`) &&
    kept['queryScope'] === made.queryScope &&
    JSON.stringify(kept['fields']) === JSON.stringify(made.fields);
  if ([...project.indexes.values()].some(isSame))
    throw new Refused('ALREADY_EXISTS', 'index already exists');
  const name = `${parent}/indexes/CICA${project.next()}`;
  project.indexes.set(name, { name, ...made });
  return ok(project.begin(parent.split('/').slice(0, 4).join('/'), { response: { name } }));
}

/** An index ends with the document's name, in the direction of its last field. */
function withName(fields: readonly IndexField[]): readonly IndexField[] {
  if (fields.at(-1)?.fieldPath === '__name__') return fields;
  const order = fields.findLast((field) => field.order !== undefined)?.order ?? 'ASCENDING';
  return [...fields, { fieldPath: '__name__', order }];
}

function patchField(project: CloudProject, name: string, call: Call): Reply {
  const change = bodyOf(call);
  checkFields(change, ['name', 'indexConfig', 'ttlConfig'], 'field');
  const kept = project.fields.get(name) ?? {};
  const made = { ...masked(kept, change, call.query.get('updateMask')), name };
  const ttl = change['ttlConfig'] === undefined ? {} : { ttlConfig: { state: 'CREATING' } };
  // A field without a configuration of its own has that of the database again.
  if (change['indexConfig'] === undefined && change['ttlConfig'] === undefined) {
    project.fields.delete(name);
  } else {
    project.fields.set(name, { ...made, ...ttl });
  }
  return ok(project.begin(name.split('/').slice(0, 4).join('/'), { response: made }));
}
