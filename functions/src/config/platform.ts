import { z } from 'zod';
import { readEnvironment, wholeNumber, type Environment } from './environment';

/**
 * The regions of Cloud Functions of the second generation that have Cloud Scheduler too
 * (https://docs.cloud.google.com/functions/docs/locations). A new one is added here.
 */
const regions = [
  ...['africa-south1', 'asia-east1', 'asia-east2', 'asia-northeast1', 'asia-northeast2'],
  ...['asia-northeast3', 'asia-south1', 'asia-south2', 'asia-southeast1', 'asia-southeast2'],
  ...['australia-southeast1', 'australia-southeast2', 'europe-central2', 'europe-north1'],
  ...['europe-southwest1', 'europe-west1', 'europe-west2', 'europe-west3', 'europe-west4'],
  ...['europe-west6', 'europe-west8', 'europe-west9', 'europe-west10', 'europe-west12'],
  ...['me-central1', 'me-central2', 'me-west1', 'northamerica-northeast1'],
  ...['northamerica-northeast2', 'southamerica-east1', 'southamerica-west1', 'us-central1'],
  ...['us-east1', 'us-east4', 'us-east5', 'us-south1', 'us-west1', 'us-west2', 'us-west3'],
  'us-west4',
] as const;

/** What one CPU may have at the most, and the functions need at the least. */
const memories = ['256MiB', '512MiB', '1GiB', '2GiB', '4GiB'] as const;

/** Who may reach the functions. Closed to the internet, no gateway could send its events. */
const ingresses = ['ALLOW_ALL', 'ALLOW_INTERNAL_AND_GCLB'] as const;

/**
 * https://docs.cloud.google.com/firestore/docs/reference/rest/v1/projects.databases/create: an id that
 * looks like a UUID is refused.
 */
const databaseId =
  /^(\(default\)|(?![0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)[a-z][a-z0-9-]{2,61}[a-z0-9])$/;

const schema = z.object({
  FUNCTIONS_REGION: z
    .enum(regions, { error: 'must be a region of Cloud Functions, such as europe-west1' })
    .default('us-central1'),
  FUNCTIONS_MEMORY: z
    .enum(memories, { error: `must be one of ${memories.join(', ')}` })
    .default('256MiB'),
  FUNCTIONS_MIN_INSTANCES: wholeNumber(0, 20).default(0),
  FUNCTIONS_SERVICE_ACCOUNT: z
    .string()
    .regex(
      /^[^@\s]+@[^@\s]+\.gserviceaccount\.com$/,
      'must be the e-mail address of a service account, which ends with .gserviceaccount.com',
    )
    .optional(),
  FUNCTIONS_INGRESS: z
    .enum(ingresses, { error: `must be ${ingresses.join(' or ')}` })
    .default('ALLOW_ALL'),
  FIRESTORE_DATABASE: z
    .string()
    .regex(databaseId, 'must be (default), or the id of a database, such as payments')
    .default('(default)'),
});

/** Where the functions run, on what, and where their documents are. */
export interface Platform {
  readonly region: string;
  readonly memory: (typeof memories)[number];
  /** Kept warm, of each function that a buyer or a gateway waits for. */
  readonly minInstances: number;
  /** The project's default one where it is undefined. */
  readonly serviceAccount: string | undefined;
  readonly ingress: (typeof ingresses)[number];
  /** The id of the Firestore database. */
  readonly database: string;
}

/** @throws Misconfigured with the names of the variables that are wrong. */
export function readPlatform(environment?: Environment): Platform {
  const values = readEnvironment(schema, environment);
  return {
    region: values.FUNCTIONS_REGION,
    memory: values.FUNCTIONS_MEMORY,
    minInstances: values.FUNCTIONS_MIN_INSTANCES,
    serviceAccount: values.FUNCTIONS_SERVICE_ACCOUNT,
    ingress: values.FUNCTIONS_INGRESS,
    database: values.FIRESTORE_DATABASE,
  };
}
