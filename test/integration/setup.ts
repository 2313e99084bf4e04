import { valuesUnder } from '../../scripts/stack/configure.ts';
import { startStack, type Stack, type StackOptions } from '../../scripts/stack/stack.ts';

declare global {
  var stack: Stack | undefined;
}

/** Brings up the stack for the suite, on the Firestore that is given or on the embedded one. */
export default async function setUp(): Promise<void> {
  const firestoreHost = process.env['FIRESTORE_EMULATOR_HOST'];
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      interruption.abort(new Error('Interrupted before it was up.'));
    });
  }
  globalThis.stack = await start({
    // The suite is not at the mercy of the variables of whoever runs it.
    values: valuesUnder({}),
    firestoreHost,
    report: (line) => {
      process.stdout.write(`${line}\n`);
    },
    signal: interruption.signal,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void leave());
  // The Firestore client would look for the metadata server of a cloud machine.
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  process.env['FIRESTORE_EMULATOR_HOST'] = globalThis.stack.firestoreHost;
  process.env['EMBEDDED_FIRESTORE'] = firestoreHost === undefined ? 'true' : 'false';
}

/** A taken port is one line that names it, not the trace of a test runner. */
async function start(options: StackOptions): Promise<Stack> {
  try {
    return await startStack(options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

/** Ctrl-C in the middle of the suite leaves no process and no port behind. */
async function leave(): Promise<void> {
  await globalThis.stack?.stop();
  process.exit(130);
}
