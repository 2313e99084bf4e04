import type { GlobalOptions } from 'firebase-functions/v2/options';
import { SCHEDULED_RUN_MS } from './limits';
import { readPlatform } from './platform';

/**
 * Read when the functions are declared: the Firebase CLI gives a deployment the variables of `.env`. A
 * wrong one ends the deployment here, if the doctor before it was not asked.
 */
const platform = readPlatform();

const everywhere = {
  region: platform.region,
  memory: platform.memory,
  cpu: 1,
  minInstances: 0,
  ...(platform.serviceAccount !== undefined && { serviceAccount: platform.serviceAccount }),
} as const satisfies GlobalOptions;

/** Spread at each definition: `setGlobalOptions` affects only the functions defined after it. */
export const webhookOptions = {
  ...everywhere,
  minInstances: platform.minInstances,
  concurrency: 40,
  maxInstances: 20,
  timeoutSeconds: 60,
  invoker: 'public',
  ...(platform.ingress !== 'ALLOW_ALL' && { ingressSettings: platform.ingress }),
} as const satisfies GlobalOptions;

/** Calls of the apps. They carry a Firebase ID token, which our code checks. */
export const clientOptions = { ...webhookOptions } as const satisfies GlobalOptions;

/** Calls of the staff, who can wait for a cold start. */
export const staffOptions = { ...clientOptions, minInstances: 0 } as const satisfies GlobalOptions;

/** An uptime check can wait for a cold start, and few instances answer all who ask. */
export const healthOptions = { ...staffOptions, maxInstances: 2 } as const;

/** One run at a time. A run stops a minute before the platform would end it. */
export const scheduleOptions = {
  ...everywhere,
  concurrency: 1,
  maxInstances: 1,
  timeoutSeconds: SCHEDULED_RUN_MS / 1000 + 60,
} as const satisfies GlobalOptions;
