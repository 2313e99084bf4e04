import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { assertPortFree } from '../ports.ts';
import { findEmulator } from './find-emulator.ts';
import type { EmulatorCommand } from './find-emulator.ts';

/** Milliseconds the emulator may take to answer; a cold Java on a busy machine takes many. */
const START_LIMIT = 60_000;
/** Milliseconds it may take to end of its own accord. */
const STOP_LIMIT = 5_000;
/** Where it writes; a pipe would stop it whenever this process is too busy to read. */
const LOG = '.stack/firestore-emulator.log';
/** Lines of the log that an error shows. */
const LOG_LINES = 20;

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
  mkdirSync(dirname(LOG), { recursive: true });
  const log = openSync(LOG, 'w');
  const child = spawn(command, args, {
    // A group of its own, because gcloud leaves the Java it runs behind when it ends.
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const closed = once(child, 'close');
  const endWithUs = () => {
    signalGroup(child, 'SIGKILL');
  };
  process.once('exit', endWithUs);
  const stop = async () => {
    await end(child);
    process.off('exit', endWithUs);
  };
  try {
    await answering(host, closed);
  } catch (error) {
    await stop();
    const what = error instanceof Error ? error.message : String(error);
    throw new Error([`the Firestore emulator of ${source}: ${what}`, ...lastLines()].join('\n'), {
      cause: error,
    });
  }
  return stop;
}

function lastLines(): string[] {
  return readFileSync(LOG, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
}

/** Resolves once a list of documents is answered, not just a connection accepted. */
async function answering(host: string, closed: Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const ended = controller.signal;
  const end = () => {
    controller.abort();
  };
  closed.then(end, end);
  const url = `http://${host}/v1/projects/demo-ready/databases/(default)/documents/ready`;
  const headers = { authorization: 'Bearer owner' };
  const deadline = Date.now() + START_LIMIT;
  while (!ended.aborted && Date.now() < deadline) {
    const signal = AbortSignal.timeout(2_000);
    const response = await fetch(url, { headers, signal }).catch(() => undefined);
    if (response?.ok) return;
    if (response) throw new Error(`it answers ${await response.text()}`);
    await delay(50);
  }
  throw new Error(ended.aborted ? 'it ended' : `no answer within ${START_LIMIT / 1000} s`);
}

async function end(child: ChildProcess): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const deadline = Date.now() + STOP_LIMIT;
    let left = signalGroup(child, signal);
    while (left && Date.now() < deadline) {
      await delay(20);
      left = signalGroup(child, 0);
    }
    if (!left) return;
  }
}

/** Whether the group still had a process to signal; signal 0 only asks. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return child.pid !== undefined && process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}
