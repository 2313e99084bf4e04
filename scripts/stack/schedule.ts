import { origin, ports, PROJECT, REGION } from './values.ts';

const MINUTE_MS = 60_000;

/** Every scheduled function, and how often it is deployed to run. */
export const intervalsMs = {
  'sync-retryUnsynced': 5 * MINUTE_MS,
  'googleplay-finishPurchases': 15 * MINUTE_MS,
  'anypay-reconcile': 15 * MINUTE_MS,
  'appstore-reconcile': 15 * MINUTE_MS,
  'cryptomus-reconcile': 15 * MINUTE_MS,
  'googleplay-reconcile': 15 * MINUTE_MS,
  'payeer-reconcile': 15 * MINUTE_MS,
  'paypal-reconcile': 15 * MINUTE_MS,
  'stripe-reconcile': 15 * MINUTE_MS,
  'wayforpay-reconcile': 15 * MINUTE_MS,
  'app-eraseCustomers': 60 * MINUTE_MS,
} as const;

/** The Functions emulator runs no schedules; an event posted here runs one. */
export const sweepUrl = scheduleUrl('sync-retryUnsynced');

/** Pushes what is due. */
export function sweep(): Promise<void> {
  return runSchedule('sync-retryUnsynced');
}

/** Runs a scheduled function once; resolves when it has ended. */
export async function runSchedule(name: string): Promise<void> {
  const response = await fetch(scheduleUrl(name), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ data: {} }),
  });
  if (!response.ok) throw new Error(`${name} answered ${response.status}`);
}

function scheduleUrl(name: string): string {
  const triggers = `${origin(ports.functions)}/functions/projects/${PROJECT}/triggers`;
  return `${triggers}/${REGION}-${name}-0`;
}

/** Runs each at its real interval until stopped. */
export function tick(report: (error: unknown) => void): { stop(): void } {
  const timers = Object.entries(intervalsMs).map(([name, ms]) =>
    setInterval(() => {
      runSchedule(name).catch(report);
    }, ms),
  );
  return {
    stop: () => {
      timers.forEach(clearInterval);
    },
  };
}
