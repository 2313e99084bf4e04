import { z } from 'zod';
import { readEnvironment } from '../config/environment';
import { readPlatform } from '../config/platform';
import { Misconfigured } from '../errors';
import { parseJson } from '../json';
import { DefaultTokens, MetadataTokens, type Tokens } from './client/token';
import type { Place } from './client/transport';

const GOOGLE = 'https://firestore.googleapis.com';

/** What the platform says of where the code runs; not a setting. */
const schema = z.object({
  /** From Firebase where functions run, and from its CLI. */
  FIREBASE_CONFIG: z.string().default(''),
  GCLOUD_PROJECT: z.string().optional(),
  GOOGLE_CLOUD_PROJECT: z.string().optional(),
  /** From Cloud Run, whose metadata server gives access tokens. */
  K_SERVICE: z.string().optional(),
  /** `host:port` of a local Firestore, by the name that all of Google's clients read. */
  FIRESTORE_EMULATOR_HOST: z.string().optional(),
});

const firebaseConfig = z.object({ projectId: z.string().min(1) });

/** A local Firestore takes this one for its owner's. */
const localTokens: Tokens = { token: () => Promise.resolve('owner'), renew: () => undefined };
const metadataTokens = new MetadataTokens(Date.now);
const defaultTokens = new DefaultTokens();

/** @throws Misconfigured where the platform does not name the project. */
export function projectId(): string {
  const { FIREBASE_CONFIG, GCLOUD_PROJECT, GOOGLE_CLOUD_PROJECT } = readEnvironment(schema);
  const { data } = firebaseConfig.safeParse(parseJson(FIREBASE_CONFIG));
  const id = data?.projectId ?? GCLOUD_PROJECT ?? GOOGLE_CLOUD_PROJECT;
  if (id === undefined) throw new Misconfigured('Configuration: FIREBASE_CONFIG names no project');
  return id;
}

/**
 * The database of the project, and how it is asked.
 * @throws Misconfigured where the project has no name, or a setting of the platform is wrong.
 */
export function readPlace(): Place {
  const { FIRESTORE_EMULATOR_HOST: host, K_SERVICE } = readEnvironment(schema);
  const deployed = K_SERVICE === undefined ? defaultTokens : metadataTokens;
  const { token, renew } = host === undefined ? deployed : localTokens;
  return {
    origin: host === undefined ? GOOGLE : `http://${host}`,
    database: `projects/${projectId()}/databases/${readPlatform().database}`,
    token,
    renew,
  };
}
