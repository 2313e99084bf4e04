import { developersValues } from './configure.ts';
import { sweepUrl, tick } from './schedule.ts';
import { startStack, type Stack } from './stack.ts';
import { functionUrl, origin, ports } from './values.ts';

/** What happens on the stack once it is up; resolves to whether it came out as told. */
export type Play = (stack: Stack) => Promise<boolean>;

/**
 * Brings the stack up in the foreground, plays, and keeps it up until Ctrl-C, or until the play is
 * over unless it shall stay. Leaves no process and no port behind.
 */
export async function runStack(play: Play | undefined, { stay }: { stay: boolean }): Promise<void> {
  const interruption = new AbortController();
  const { signal } = interruption;
  const interrupted = new Promise<false>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(false);
    });
  });
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      interruption.abort(new Error('Interrupted before it was up.'));
    });
  }
  const stack = await start(signal);
  if (stack === undefined) return;
  const schedule = tick((error) => {
    // Runs that are under way fail when the functions are stopped.
    if (!signal.aborted) console.error(String(error));
  });
  try {
    const cameOut = await Promise.race([play?.(stack) ?? true, interrupted]);
    if (!cameOut) process.exitCode = 1;
    if (stay && !signal.aborted) {
      console.log(whereThingsAre(stack));
      await interrupted;
    }
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    schedule.stop();
    await stack.stop();
  }
  // A play that was interrupted would go on asking for what is gone.
  process.exit();
}

async function start(signal: AbortSignal): Promise<Stack | undefined> {
  try {
    return await startStack({
      values: developersValues(),
      firestoreHost: process.env['FIRESTORE_EMULATOR_HOST'],
      report: (line) => {
        console.log(line);
      },
      signal,
    });
  } catch (error) {
    const cause: unknown = signal.aborted ? signal.reason : error;
    console.error(cause instanceof Error ? cause.message : cause);
    process.exitCode = 1;
    return undefined;
  }
}

function whereThingsAre({ firestoreHost }: Stack): string {
  return `
The stack is up; Ctrl-C ends it. The schedules run as they are deployed to.

  Pay with a browser           ${origin(ports.webClient)}
  An app asks for a payment    POST ${functionUrl('stripe-getPaymentIntent')}
  Stripe reports an event      POST ${functionUrl('stripe-handleWebhookEvents')}
  Push what is due now         curl -X POST -H 'content-type: application/json' -d '{"data":{}}' \\
                                 ${sweepUrl}
  Firestore                    FIRESTORE_EMULATOR_HOST=${firestoreHost}
`;
}
