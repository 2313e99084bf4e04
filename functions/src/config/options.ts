import type { GlobalOptions } from 'firebase-functions/v2/options';

const everywhere = {
  region: 'us-central1',
  memory: '256MiB',
  cpu: 1,
  minInstances: 0,
} as const satisfies GlobalOptions;

/** Spread at each definition: `setGlobalOptions` affects only the functions defined after it. */
export const webhookOptions = {
  ...everywhere,
  concurrency: 40,
  maxInstances: 20,
  timeoutSeconds: 60,
  invoker: 'public',
} as const satisfies GlobalOptions;

/** Calls of the apps. They carry a Firebase ID token, which our code checks. */
export const clientOptions = { ...webhookOptions } as const satisfies GlobalOptions;

/** One run at a time. `SCHEDULED_RUN_MS` follows from the timeout. */
export const scheduleOptions = {
  ...everywhere,
  concurrency: 1,
  maxInstances: 1,
  timeoutSeconds: 540,
} as const satisfies GlobalOptions;
