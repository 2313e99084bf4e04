import { Refused } from './answers.ts';
import { firestoreAdminApi } from './firestore-admin.ts';
import { functionsApi, runApi } from './functions.ts';
import { hostingApi } from './hosting.ts';
import {
  artifactRegistryApi,
  billingApi,
  computeApi,
  extensionsApi,
  firebaseApi,
  iamApi,
  resourceManagerApi,
  serviceUsageApi,
} from './management.ts';
import type { Api, CloudProject } from './project.ts';
import { rulesApi } from './rules.ts';
import { schedulerApi } from './scheduler.ts';
import { secretsApi } from './secrets.ts';

const apis: Readonly<Record<string, (project: CloudProject) => Api>> = {
  'artifactregistry.googleapis.com': artifactRegistryApi,
  'cloudbilling.googleapis.com': billingApi,
  'cloudfunctions.googleapis.com': functionsApi,
  'cloudresourcemanager.googleapis.com': resourceManagerApi,
  'cloudscheduler.googleapis.com': schedulerApi,
  'compute.googleapis.com': computeApi,
  'firebase.googleapis.com': firebaseApi,
  'firebaseextensions.googleapis.com': extensionsApi,
  'firebasehosting.googleapis.com': hostingApi,
  'firebaserules.googleapis.com': rulesApi,
  'firestore.googleapis.com': firestoreAdminApi,
  'iam.googleapis.com': iamApi,
  'run.googleapis.com': runApi,
  'secretmanager.googleapis.com': secretsApi,
  'serviceusage.googleapis.com': serviceUsageApi,
};

/** The APIs of a project by their hosts. Each refuses its calls until it is switched on. */
export function apisOf(project: CloudProject): ReadonlyMap<string, Api> {
  return new Map(
    Object.entries(apis).map(([host, apiOf]) => {
      const api = apiOf(project);
      return [host, (call) => (project.services.has(host) ? api(call) : refuse(host))];
    }),
  );
}

function refuse(host: string): never {
  throw new Refused('PERMISSION_DENIED', `${host} has not been used before, or it is disabled.`);
}
