import { setTimeout as delay } from 'node:timers/promises';
import { assertPortFree } from '../ports.ts';
import { startProcessGroup, type ProcessGroup } from '../process-group.ts';
import { findEmulator } from './find-emulator.ts';
import type { EmulatorCommand } from './find-emulator.ts';

/** Milliseconds the emulator may take to answer; a cold Java on a busy machine takes many. */
const START_LIMIT = 60_000;
const LOG = '.stack/firestore-emulator.log';

/** Google's own Firestore emulator. */
export interface OfficialFirestore {
  /** Value for FIRESTORE_EMULATOR_HOST, as in `127.0.0.1:8080`. */
  readonly host: string;
  /** Who provides it. One from the environment ran before and keeps running. */
  readonly source: 'environment' | EmulatorCommand['source'];
  /** Resolves when none of its processes is left. */
  stop(): Promise<void>;
}

/** The absence of an {@link OfficialFirestore}. */
export interface NoOfficialFirestore {
  readonly host: undefined;
  /** Why, in half a sentence. */
  readonly reason: string;
}

/**
 * The emulator that FIRESTORE_EMULATOR_HOST names or, failing that, one installed here, started
 * with the repository's security rules. Throws if it is installed but does not start.
 */
export async function startOfficialFirestore(options: {
  port: number;
}): Promise<OfficialFirestore | NoOfficialFirestore> {
  const running = process.env['FIRESTORE_EMULATOR_HOST'];
  if (running) return { host: running, source: 'environment', stop: () => Promise.resolve() };
  const found = await findEmulator(options.port);
  if ('reason' in found) return { host: undefined, reason: found.reason };
  await assertPortFree(options.port);
  const host = `127.0.0.1:${options.port}`;
  return { host, source: found.source, stop: await start(found, host) };
}

async function start({ source, command, args, env }: EmulatorCommand, host: string) {
  const group = startProcessGroup({ command, args, env, log: LOG });
  const stop = () => group.stop('SIGTERM');
  try {
    await answering(host, group);
  } catch (error) {
    await stop();
    const what = error instanceof Error ? error.message : String(error);
    const message = `the Firestore emulator of ${source}: ${what}\n${group.lastLines()}`;
    throw new Error(message, { cause: error });
  }
  return stop;
}

/** Resolves once a list of documents is answered, not just a connection accepted. */
async function answering(host: string, group: ProcessGroup): Promise<void> {
  const url = `http://${host}/v1/projects/demo-ready/databases/(default)/documents/ready`;
  const headers = { authorization: 'Bearer owner' };
  const deadline = Date.now() + START_LIMIT;
  while (!group.hasEnded() && Date.now() < deadline) {
    const signal = AbortSignal.timeout(2_000);
    const response = await fetch(url, { headers, signal }).catch(() => undefined);
    if (response?.ok) return;
    if (response) throw new Error(`it answers ${await response.text()}`);
    await delay(50);
  }
  throw new Error(group.hasEnded() ? 'it ended' : `no answer within ${START_LIMIT / 1000} s`);
}
