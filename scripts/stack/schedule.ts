import { origin, ports, PROJECT, REGION } from './values.ts';

/** As `sync-retryUnsynced` is scheduled. */
export const SWEEP_INTERVAL_MS = 5 * 60_000;

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

/** Runs it at its real interval until stopped. */
export function tick(report: (error: unknown) => void): { stop(): void } {
  const timer = setInterval(() => {
    sweep().catch(report);
  }, SWEEP_INTERVAL_MS);
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}
