import { bodyOf, existing, masked, ok, policyReply, Refused } from './answers.ts';
import type { Api, CloudProject } from './project.ts';

/** https://cloud.google.com/service-usage/docs/reference/rest/v1/services */
export function serviceUsageApi(project: CloudProject): Api {
  const names = `(?:${project.id}|${project.number})`;
  return ({ method, path }) => {
    const service = new RegExp(`^/v1(?:beta1)?/(projects/${names}/services/([^/:]+))(:.+)?$`);
    const [, name = '', id = '', act] = service.exec(path) ?? [];
    if (id === '') return undefined;
    if (method === 'GET') {
      return ok({ name, state: project.services.has(id) ? 'ENABLED' : 'DISABLED' });
    }
    if (act === ':enable') {
      project.services.add(id);
      return ok({ name: `operations/enable-${project.next()}`, done: true });
    }
    if (act !== ':generateServiceIdentity') return undefined;
    const [agent = ''] = id.split('.');
    const email = `service-${project.number}@gcp-sa-${agent}.iam.gserviceaccount.com`;
    return ok({ name: `operations/identity-${project.next()}`, done: true, response: { email } });
  };
}

/** https://firebase.google.com/docs/projects/api/reference/rest/v1beta1/projects */
export function firebaseApi(project: CloudProject): Api {
  return ({ path }) => {
    const { id: projectId, number: projectNumber } = project;
    if (path === `/v1beta1/projects/${projectId}/adminSdkConfig`) {
      return ok({ projectId, storageBucket: `${projectId}.firebasestorage.app` });
    }
    if (path !== `/v1beta1/projects/${projectId}`) return undefined;
    const resources = { hostingSite: projectId };
    return ok({
      name: `projects/${projectId}`,
      projectId,
      projectNumber,
      state: 'ACTIVE',
      resources,
    });
  };
}

/** https://cloud.google.com/resource-manager/reference/rest/v1/projects; its caller is an owner. */
export function resourceManagerApi(project: CloudProject): Api {
  return (call) => {
    const { id: projectId, number: projectNumber } = project;
    const [, asked, act] = /^\/v1\/projects\/([^/:]+)(:.+)?$/.exec(call.path) ?? [];
    if (asked !== projectId && asked !== projectNumber) return undefined;
    if (act === undefined) return ok({ projectId, projectNumber, lifecycleState: 'ACTIVE' });
    if (act === ':testIamPermissions') return ok(bodyOf(call));
    return policyReply(project, call, `projects/${projectId}`);
  };
}

/** https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts */
export function iamApi(project: CloudProject): Api {
  return (call) => {
    const [, email, act] =
      /^\/v1\/projects\/[^/]+\/serviceAccounts\/([^/:]+)(:testIamPermissions)?$/.exec(call.path) ??
      [];
    if (email === undefined) return undefined;
    if (!project.accounts.has(email)) {
      throw new Refused('NOT_FOUND', `Service account ${email} does not exist.`);
    }
    return ok(act === undefined ? { email } : bodyOf(call));
  };
}

/** https://cloud.google.com/compute/docs/reference/rest/v1/projects/get */
export function computeApi(project: CloudProject): Api {
  return ({ path }) =>
    path === `/compute/v1/projects/${project.number}`
      ? ok({ defaultServiceAccount: project.computeAccount })
      : undefined;
}

/** https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories */
export function artifactRegistryApi(project: CloudProject): Api {
  return (call) => {
    const [, name] = /^\/v1\/(projects\/.+\/repositories\/[^/]+)$/.exec(call.path) ?? [];
    if (name === undefined) return undefined;
    const kept = existing(project.repositories, name);
    if (call.method === 'PATCH') {
      const mask = call.query.get('updateMask');
      project.repositories.set(name, { ...masked(kept, bodyOf(call), mask), name });
    }
    return ok(existing(project.repositories, name));
  };
}

/** https://cloud.google.com/billing/docs/reference/rest/v1/projects/getBillingInfo; the project is on Blaze. */
export function billingApi(project: CloudProject): Api {
  return ({ path }) =>
    path === `/v1/projects/${project.id}/billingInfo`
      ? ok({ projectId: project.id, billingEnabled: true })
      : undefined;
}

/** Firebase Extensions, of which the project has none; the CLI asks before every deployment. */
export function extensionsApi(project: CloudProject): Api {
  return ({ method, path }) =>
    method === 'GET' && path === `/v1beta/projects/${project.id}/instances` ? ok() : undefined;
}
