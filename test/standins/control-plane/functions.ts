import type { Call, Reply } from '../http.ts';
import {
  assertNew,
  bodyOf,
  checkFields,
  existing,
  masked,
  ok,
  policyReply,
  Refused,
} from './answers.ts';
import type { Api, CloudProject, Json, Outcome } from './project.ts';

/**
 * Cloud Functions of the second generation
 * (https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions). Those of the
 * first generation can be listed, and there are none.
 */
export function functionsApi(project: CloudProject): Api {
  const location = `projects/${project.id}/locations/([^/]+)`;
  return (call) => {
    const { method, path } = call;
    if (path === `/v1/projects/${project.id}/locations/-/functions`) return ok();
    const at = (pattern: string) => new RegExp(`^/v2/${pattern}$`).exec(path)?.slice(1);
    const [operation] = at('(projects/.+/operations/[^/]+)') ?? [];
    if (operation !== undefined) return ok(existing(project.operations, operation).look());
    const [uploadTo] = at(`${location}/functions:generateUploadUrl`) ?? [];
    if (method === 'POST' && uploadTo !== undefined) return ok(uploadUrl(project, uploadTo));
    const [region] = at(`${location}/functions`) ?? [];
    if (region !== undefined) {
      return method === 'POST' ? create(project, region, call) : ok(listed(project, region));
    }
    const [name] = at(`(${location}/functions/[^/]+)`) ?? [];
    if (name === undefined) return undefined;
    const kept = existing(project.functions, name);
    if (method === 'PATCH') return update(project, name, kept, call);
    if (method === 'DELETE') return remove(project, name, kept);
    return ok(kept);
  };
}

/** Cloud Run's side of the functions: who may call their services. */
export function runApi(project: CloudProject): Api {
  return (call) => {
    const [, name] =
      /^\/v1\/(projects\/.+\/services\/[^/:]+):[gs]etIamPolicy$/.exec(call.path) ?? [];
    if (name === undefined) return undefined;
    const services = [...project.functions.values()].map((one) => config(one)['service']);
    if (!services.includes(name)) throw new Refused('NOT_FOUND', `Resource ${name} was not found.`);
    return policyReply(project, call, name);
  };
}

/** The bucket that Google lends for the upload of a source. */
export function uploadApi(project: CloudProject): Api {
  return ({ method, path, bytes }) => {
    if (method !== 'PUT' || !path.startsWith('/gcf-v2-uploads-')) return undefined;
    project.uploads.set(path.slice(1), bytes);
    return ok();
  };
}

function uploadUrl(project: CloudProject, region: string): Json {
  const bucket = `gcf-v2-uploads-${project.number}-${region}`;
  const object = `source-${project.next()}.zip`;
  return {
    uploadUrl: `https://storage.googleapis.com/${bucket}/${object}?X-Goog-Signature=signed`,
    storageSource: { bucket, object },
  };
}

function listed(project: CloudProject, region: string): Json {
  const place = region === '-' ? '/' : `/locations/${region}/`;
  return {
    functions: [...project.functions.values()].filter((one) => String(one['name']).includes(place)),
  };
}

const fields = ['name', 'description', 'buildConfig', 'serviceConfig', 'eventTrigger', 'labels'];
const buildFields = [
  ...['runtime', 'entryPoint', 'source', 'workerPool', 'environmentVariables', 'dockerRepository'],
  ...['serviceAccount', 'automaticUpdatePolicy', 'onDeployUpdatePolicy'],
];
const serviceFields = [
  ...['timeoutSeconds', 'availableMemory', 'availableCpu', 'environmentVariables', 'vpcConnector'],
  ...['maxInstanceCount', 'minInstanceCount', 'vpcConnectorEgressSettings', 'ingressSettings'],
  ...['serviceAccountEmail', 'allTrafficOnLatestRevision', 'secretEnvironmentVariables'],
  ...[
    'secretVolumes',
    'securityLevel',
    'maxInstanceRequestConcurrency',
    'binaryAuthorizationPolicy',
  ],
  ...['directVpcNetworkInterface', 'directVpcEgress'],
];

/** @throws Refused for what the documents do not allow. */
function check(change: Json): void {
  checkFields(change, fields);
  checkFields(change['buildConfig'], buildFields, 'function.build_config');
  checkFields(change['serviceConfig'], serviceFields, 'function.service_config');
  for (const key of Object.keys(labels(change))) {
    if (!/^[a-z][a-z0-9_-]{0,62}$/.test(key)) {
      throw new Refused('INVALID_ARGUMENT', `The label ${key} is not valid.`);
    }
  }
}

function create(project: CloudProject, region: string, call: Call): Reply {
  const id = call.query.get('functionId') ?? '';
  if (!/^[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/.test(id)) {
    throw new Refused('INVALID_ARGUMENT', `functionId ${id} is not valid.`);
  }
  const name = `projects/${project.id}/locations/${region}/functions/${id}`;
  assertNew(project.functions, name);
  const change = bodyOf(call);
  check(change);
  const made = { ...change, name, environment: 'GEN_2' };
  return ok(deploy(project, made));
}

function update(project: CloudProject, name: string, kept: Json, call: Call): Reply {
  const change = bodyOf(call);
  check(change);
  const made = { ...masked(kept, change, call.query.get('updateMask')), name };
  return ok(deploy(project, made));
}

function remove(project: CloudProject, name: string, kept: Json): Reply {
  project.functions.delete(name);
  project.policies.delete(String(config(kept)['service']));
  return ok(project.begin(parentOf(name), { response: {} }));
}

/** Builds the source and runs the service; the function is there unless one of both fails. */
function deploy(project: CloudProject, made: Json): Json {
  const name = String(made['name']);
  const fault = faultOf(project, made);
  const outcome: Outcome =
    fault === undefined
      ? { response: running(project, made) }
      : { error: { code: 3, message: fault } };
  return project.begin(parentOf(name), outcome);
}

function running(project: CloudProject, made: Json): Json {
  const name = String(made['name']);
  const [, , , region = '', , id = ''] = name.split('/');
  const service = `projects/${project.id}/locations/${region}/services/${id.toLowerCase()}`;
  const uri = `https://${id.toLowerCase()}-standin-${region}.a.run.app`;
  const defaults = { ingressSettings: 'ALLOW_ALL', serviceAccountEmail: project.computeAccount };
  const stored = {
    ...made,
    state: 'ACTIVE',
    url: `https://${region}-${project.id}.cloudfunctions.net/${id}`,
    serviceConfig: { ...defaults, ...given(config(made)), service, uri },
  };
  project.functions.set(name, stored);
  const repository = `projects/${project.id}/locations/${region}/repositories/gcf-artifacts`;
  if (!project.repositories.has(repository)) {
    project.repositories.set(repository, { name: repository, format: 'DOCKER' });
  }
  return stored;
}

/** Why a function cannot run, in the words of the operation that fails. */
function faultOf(project: CloudProject, made: Json): string | undefined {
  const build = made['buildConfig'] as { runtime: string; source: { storageSource: Json } };
  const { bucket, object } = build.source.storageSource;
  if (!project.uploads.has(`${String(bucket)}/${String(object)}`))
    return 'The source was not found.';
  const service = given(config(made));
  const { serviceAccountEmail: account = project.computeAccount } = service as {
    serviceAccountEmail?: string;
  };
  if (!project.accounts.has(account)) return `Service account ${account} does not exist.`;
  const cpu = Number(service['availableCpu'] ?? 1);
  if (cpu < 1 && Number(service['maxInstanceRequestConcurrency'] ?? 1) > 1) {
    return 'Total CPU < 1 is not supported with concurrency > 1.';
  }
  if (Number(service['timeoutSeconds'] ?? 60) > 3_600) return 'timeoutSeconds is too long.';
  if (Number(service['minInstanceCount'] ?? 0) > Number(service['maxInstanceCount'] ?? 100)) {
    return 'minInstanceCount is above maxInstanceCount.';
  }
  const reserved = ['K_SERVICE', 'K_REVISION', 'K_CONFIGURATION', 'PORT'];
  const taken = Object.keys((service['environmentVariables'] ?? {}) as Json).find((name) =>
    reserved.includes(name),
  );
  if (taken !== undefined) return `The environment variable ${taken} is reserved.`;
  return secretFault(project, service, account);
}

function secretFault(project: CloudProject, service: Json, account: string): string | undefined {
  const bound = (service['secretEnvironmentVariables'] ?? []) as {
    secret: string;
    version: string;
  }[];
  for (const { secret, version } of bound) {
    const name = `projects/${project.id}/secrets/${secret}`;
    if (project.secretVersions.get(name)?.[Number(version) - 1] === undefined) {
      return `Secret ${name}/versions/${version} was not found.`;
    }
    if (!project.hasRole(name, 'roles/secretmanager.secretAccessor', account)) {
      return `Permission denied on secret: ${name}/versions/${version} for Revision service account ${account}.`;
    }
  }
  return undefined;
}

function config(made: Json): Json {
  return (made['serviceConfig'] ?? {}) as Json;
}

function labels(made: Json): Json {
  return (made['labels'] ?? {}) as Json;
}

/** A field that is null has its default. */
function given(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function parentOf(name: string): string {
  return name.split('/').slice(0, 4).join('/');
}
