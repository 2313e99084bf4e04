import { origin, ports, PROJECT, REGION } from './values.ts';

/** As `sync-retryUnsynced` is scheduled. */
export const SWEEP_INTERVAL_MS = 5 * 60_000;

/** The Functions emulator runs no schedules; an event posted here runs one. */
export const sweepUrl =
  `${origin(ports.functions)}/functions/projects/${PROJECT}/triggers/` +
  `${REGION}-sync-retryUnsynced-0`;

/** Runs the scheduled function once; resolves when it has ended. */
export async function sweep(): Promise<void> {
  const response = await fetch(sweepUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ data: {} }),
  });
  if (!response.ok) throw new Error(`the sweep answered ${response.status}`);
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
